#include "host/cuda/driver.hpp"

#include <dlfcn.h>

#include "host/core/open_library.hpp"

namespace gemmact::cuda {
namespace {

using get_proc_address = result (*)(const char* name, void** function, int version, uint64_t flags, int* found);

struct result_row {
  const char* name;
  result code;
  result_meaning meaning;
};

constexpr result_row rows[] = {
#define GEMMACT_DRIVER_RESULT(name, number, status, device) {"CUDA_ERROR_" #name, number, {status, aftermath::device}},
#include "host/cuda/driver_results.inc"
#undef GEMMACT_DRIVER_RESULT
};

void* open_driver(const char* library) {
  std::string why;
  if (void* opened = core::open_library(library, why)) return opened;
  core::fail(GEMMACT_NO_DRIVER, "the driver's library cannot be loaded ({}); is NVIDIA's driver installed?", why);
}

constexpr result not_initialized = 3, context_is_destroyed = 709, capture_invalidated = 901, capture_implicit = 906;

// Asking whether a stream is captured harms no capture; other uses of the default stream beside one do.
const char* of_capturing(result code, std::string_view function) {
  if (code == capture_invalidated) return "the stream's capture was spoilt before; it must be ended and begun anew";
  if (code == capture_implicit && function != "cuStreamIsCapturing")
    return "a stream that waits for the default one is being captured, and its capture is spoilt; use another stream "
           "than the default one";
  return "a stream is being captured; plans must be created before a capture begins";
}

// What a failure leaves behind.
const char* consequence(result code, std::string_view function) {
  const result_meaning meaning = meaning_of(code);
  if (code == not_initialized)
    return "the driver does not work in a process that was forked from one that had used it; use the GPU in one of "
           "them "
           "alone, or start the other anew";
  if (code == context_is_destroyed)
    return "somebody has destroyed the device's primary context, as cudaDeviceReset does; this device cannot be used "
           "in "
           "this process any more, which must be restarted";
  if (meaning.status == GEMMACT_DEVICE_FAULT)
    return "this is a fault of earlier work on the GPU, not of this call; the GPU cannot be used in this process any "
           "more, which must be restarted";
  if (meaning.status == GEMMACT_STREAM_CAPTURING) return of_capturing(code, function);
  if (meaning.status == GEMMACT_NO_DRIVER) return "this libcuda.so.1 is the toolkit's stand-in, not NVIDIA's driver";
  if (meaning.status == GEMMACT_NO_DEVICE) return "there is no such device for this process";
  if (function == "cuInit") return "no GPU can be used";
  if (meaning.device == aftermath::lost) return "the GPU cannot be used in this process any more";
  return meaning.device == aftermath::usable ? "the device can still be used"
                                             : "whether the device can still be used is not known";
}

std::string text_of_version(int version) { return fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10); }

}  // namespace

result_meaning meaning_of(result code) {
  for (const result_row& row : rows)
    if (row.code == code) return row.meaning;
  return {};
}

const driver& driver::instance() {
  // Not destroyed: other static objects may still hold kernels when the process ends.
  static const driver& one = *new driver;
  return one;
}

driver::driver(const char* library) {
  void* opened = open_driver(library);
  find_functions(opened);
  try {
    refuse_old_ones(library);
    check(call.cuInit(0), "cuInit", fmt::format("starting the driver, which is for {},", version_text()));
  } catch (...) {
    ::dlclose(opened);
    throw;
  }
}

void driver::find_functions(void* library) {
  const auto find = reinterpret_cast<get_proc_address>(::dlsym(library, "cuGetProcAddress_v2"));
  // By version, because the driver has several functions of one name, and by plain symbols where it cannot be asked.
  const auto look_up = [&](const char* name, int version, const char* symbol) {
    void* function = nullptr;
    int found = 0;
    if (find == nullptr) return ::dlsym(library, symbol);
    return find(name, &function, version, 0, &found) == 0 ? function : nullptr;
  };
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments) \
  call.name = reinterpret_cast<decltype(call.name)>(look_up(#name, version, #symbol));
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
  if (call.cuDriverGetVersion != nullptr && call.cuDriverGetVersion(&version_) != 0) version_ = 0;
}

void driver::refuse_old_ones(const char* library) const {
  if (call.cuInit == nullptr || call.cuDriverGetVersion == nullptr)
    core::fail(GEMMACT_NO_DRIVER, "{} is not NVIDIA's driver: it lacks cuInit or cuDriverGetVersion", library);
  if (version_ != 0 && version_ < oldest_version)
    core::fail(GEMMACT_DRIVER_TOO_OLD, "the driver is for {}, and must be for {} or newer", version_text(),
               text_of_version(oldest_version));
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments)                               \
  if (required && call.name == nullptr)                                                                   \
    core::fail(GEMMACT_DRIVER_TOO_OLD, "the driver, for {}, lacks " #name ", which came with CUDA {}.{}", \
               version_text(), version / 1000, version % 1000 / 10);
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
}

std::string driver::version_text() const { return version_ == 0 ? "an untold CUDA" : text_of_version(version_); }

int driver::device_count() const {
  int count = 0;
  check(call.cuDeviceGetCount(&count), "cuDeviceGetCount", "counting the devices");
  return count;
}

std::string driver::words_of(result code) const {
  const char *name = nullptr, *words = nullptr;
  if (call.cuGetErrorName == nullptr || call.cuGetErrorName(code, &name) != 0 || name == nullptr) {
    for (const result_row& row : rows)
      if (row.code == code) return row.name;
    return fmt::format("error {}", code);
  }
  if (call.cuGetErrorString(code, &words) != 0 || words == nullptr) return name;
  return fmt::format("{} ({})", name, words);
}

void driver::fail(result code, const char* function, std::string_view doing) const {
  core::fail(meaning_of(code).status, "{} failed: {} says {}; {}", doing, function, words_of(code),
             consequence(code, function));
}

}  // namespace gemmact::cuda

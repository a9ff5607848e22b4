#include "host/cuda/loaded_kernel.hpp"

namespace gemmact::cuda {
namespace {

// Loading is forbidden while some streams are captured, and an attempt spoils their capture. Captures of blocking streams
// and of the thread's own default stream can be seen, and are refused, unless the thread's mode says that the caller
// knows. Others cannot be seen: while one of these lives, the thread's mode is the one in which loading harms none.
class unharmed_captures {
 public:
  unharmed_captures(const driver& driver, const std::string& doing) : driver_(driver) {
    driver_.check(driver_.call.cuThreadExchangeStreamCaptureMode(&mode_), "cuThreadExchangeStreamCaptureMode", doing);
    if (mode_ == capture_mode::relaxed) return;
    for (uintptr_t stream : {legacy_stream, per_thread_stream}) {
      if (!captures(stream)) continue;
      restore();
      core::fail(GEMMACT_STREAM_CAPTURING,
                 "{} is refused: a stream is being captured, which goes on; plans must be created before a capture "
                 "begins",
                 doing);
    }
  }
  ~unharmed_captures() { restore(); }
  unharmed_captures(const unharmed_captures&) = delete;
  unharmed_captures& operator=(const unharmed_captures&) = delete;

 private:
  // Asked of the legacy stream, the driver answers for every blocking stream.
  bool captures(uintptr_t stream) const {
    capture_status status = capture_status::none;
    const result code = driver_.call.cuStreamIsCapturing(reinterpret_cast<stream_handle>(stream), &status);
    if (code != 0) return meaning_of(code).status == GEMMACT_STREAM_CAPTURING;
    return status != capture_status::none;
  }
  void restore() { driver_.call.cuThreadExchangeStreamCaptureMode(&mode_); }

  const driver& driver_;
  capture_mode mode_ = capture_mode::relaxed;
};

}  // namespace

loaded_kernel::loaded_kernel(const context& context, const kernel_image& image, unsigned shared_bytes)
    : context_(context), name_(image.name) {
  const context::scope current(context_);
  const unharmed_captures captures(context_.driver(), fmt::format("loading kernel {}", name_));
  try {
    load(image, shared_bytes);
  } catch (...) {
    if (library_ != nullptr) context_.driver().call.cuLibraryUnload(library_);
    throw;
  }
}

void loaded_kernel::load(const kernel_image& image, unsigned shared_bytes) {
  const driver& driver = context_.driver();
  const auto check = [&](result code, const char* function) {
    if (code == 0) return;
    driver.fail(code, function,
                fmt::format("loading kernel {} (compiled by {}; the driver is for {})", name_, image.compiler,
                            driver.version_text()));
  };
  check(driver.call.cuLibraryLoadData(&library_, image.cubin.data(), nullptr, nullptr, 0, nullptr, nullptr, 0),
        "cuLibraryLoadData");
  kernel_handle kernel = nullptr;
  check(driver.call.cuLibraryGetKernel(&kernel, library_, name_.c_str()), "cuLibraryGetKernel");
  check(driver.call.cuKernelGetFunction(&function_, kernel), "cuKernelGetFunction");
  // What the driver would load at the first launch, it loads now: a launch that loads cannot be captured.
  if (driver.call.cuFuncLoad != nullptr) check(driver.call.cuFuncLoad(function_), "cuFuncLoad");
  check(driver.call.cuFuncSetAttribute(function_, function_attribute::max_dynamic_shared_bytes, int(shared_bytes)),
        "cuFuncSetAttribute");
}

loaded_kernel::~loaded_kernel() { context_.driver().call.cuLibraryUnload(library_); }

void loaded_kernel::launch(const launch_shape& shape, void* params, void* stream) const {
  launch_attribute attributes[2];
  unsigned count = 0;
  if (shape.cluster > 1) {
    attributes[count].id = launch_attribute::cluster_dimension;
    attributes[count++].value.cluster = {shape.cluster, 1, 1};
  }
  if (shape.overlaps_previous) {
    attributes[count].id = launch_attribute::programmatic_stream_serialization;
    attributes[count++].value.flag = 1;
  }
  const launch_config config{shape.grid[0],
                             shape.grid[1],
                             shape.grid[2],
                             shape.threads,
                             1,
                             1,
                             shape.shared_bytes,
                             static_cast<stream_handle>(stream),
                             attributes,
                             count};
  void* arguments[] = {params};
  const context::scope current(context_);
  const result code = context_.driver().call.cuLaunchKernelEx(&config, function_, arguments, nullptr);
  if (code != 0)
    context_.driver().fail(
        code, "cuLaunchKernelEx",
        fmt::format("launching {} ({} x {} x {} blocks of {} threads and {} bytes of shared memory)", name_,
                    shape.grid[0], shape.grid[1], shape.grid[2], shape.threads, shape.shared_bytes));
}

}  // namespace gemmact::cuda

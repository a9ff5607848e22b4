#include "tests/support/fake_cuda/fake_cuda.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "kernels/emulator/tensor_map.hpp"

// Functions are found by name and version, or, in the variant FAKE_CUDA_PLAIN, as symbols alone.
namespace gemmact::fake_cuda {
namespace {

constexpr result invalid_value = 1, out_of_memory = 2, not_initialized = 3, invalid_device = 101, invalid_image = 200,
                 invalid_context = 201, invalid_handle = 400, not_found = 500, out_of_resources = 701,
                 capture_unsupported = 900, capture_implicit = 906, invalid_cluster = 912;

struct kernel {
  std::string name, cubin;
  size_t params_bytes = 0;
  int max_shared_bytes = 48 * 1024;
};

struct event_time {
  bool recorded = false;
  double us = 0;
};

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

state& the_state() {
  static state& one = *[] {
    auto* made = new state;
    made->devices = number_from("FAKE_CUDA_DEVICES", made->devices);
    made->driver_version = number_from("FAKE_CUDA_VERSION", made->driver_version);
    made->l2_bytes = number_from("FAKE_CUDA_L2_BYTES", made->l2_bytes);
    made->multiprocessors = number_from("FAKE_CUDA_MULTIPROCESSORS", made->multiprocessors);
    const int architecture = number_from("FAKE_CUDA_ARCHITECTURE", 10 * made->major + made->minor);
    made->major = architecture / 10, made->minor = architecture % 10;
    made->shared_block_bytes = number_from("FAKE_CUDA_SHARED_BYTES", made->shared_block_bytes);
    return made;
  }();
  return one;
}

std::atomic<bool> initialised{false};
thread_local std::vector<context_handle> current;
thread_local capture_mode thread_mode = capture_mode::global;

// Counts a call; what it must fail with, or 0. The lock is held until the end of the call.
result enter(function f) {
  state& s = the_state();
  ++s.calls[size_t(f)];
  if (auto found = s.failures.find(f); found != s.failures.end() && found->second.times > 0) {
    --found->second.times;
    const result code = found->second.code;
    if (code >= 700 && code < 720 && code != out_of_resources) s.sticky = code;
    return code;
  }
  if (!initialised && f != function::cuInit && f != function::cuDriverGetVersion && f != function::cuGetErrorName &&
      f != function::cuGetErrorString)
    return not_initialized;
  return f == function::cuGetErrorName || f == function::cuGetErrorString ? 0 : s.sticky;
}

#define ENTER(name)                              \
  const std::lock_guard lock(the_state().mutex); \
  if (const result answer = enter(function::name)) return answer

bool no_context() { return current.empty() || current.back() == nullptr; }

bool is_null_stream(const void* stream) {
  return reinterpret_cast<uintptr_t>(stream) <= legacy_stream;  // the legacy stream has two names
}

// Loading and unloading during a capture that forbids it spoils the capture.
bool forbidden_while_capturing() {
  bool forbidden = false;
  if (thread_mode == capture_mode::relaxed) return false;
  for (auto& [stream, c] : the_state().captures) {
    const bool own = c.thread == std::this_thread::get_id() && c.mode != capture_mode::relaxed;
    const bool global = c.mode == capture_mode::global && thread_mode == capture_mode::global;
    if (own || global) c.valid = false, forbidden = true;
  }
  return forbidden;
}

bool blocking_stream_captures() {
  for (const auto& [stream, c] : the_state().captures)
    if (c.blocking) return true;
  return false;
}

result check_launch(const launch_config& config, const kernel& k, launch& l) {
  for (unsigned n : {config.grid_x, config.grid_y, config.grid_z, config.block_x, config.block_y, config.block_z})
    if (n == 0) return invalid_value;
  if (config.block_x * config.block_y * config.block_z > 1024) return invalid_value;
  if (int(config.shared_bytes) > k.max_shared_bytes) return out_of_resources;
  for (unsigned i = 0; i < config.attribute_count; ++i) {
    const launch_attribute& a = config.attributes[i];
    if (a.id == launch_attribute::cluster_dimension) l.cluster = a.value.cluster.x;
    else if (a.id == launch_attribute::programmatic_stream_serialization) l.overlaps_previous = a.value.flag == 1;
    else return invalid_value;
  }
  return l.cluster == 0 || config.grid_x % l.cluster != 0 ? invalid_cluster : 0;
}

emulator::tensor_description description_of(const tensor_map_made& m) {
  emulator::tensor_description t;
  t.type = emulator::tensor_type(m.type);
  t.rank = m.rank;
  t.address = reinterpret_cast<uintptr_t>(m.base);
  std::copy(std::begin(m.dims), std::end(m.dims), t.dims);
  std::copy(std::begin(m.strides), std::end(m.strides), t.strides);
  std::copy(std::begin(m.box), std::end(m.box), t.box);
  t.swizzle_bytes = 16u << int(m.swizzle);
  return t;
}

// Fills in a map, or says which rule is broken.
std::string encode(void* map, const tensor_map_made& m, const unsigned* element_strides) {
  if (reinterpret_cast<uintptr_t>(map) % 64 != 0) return "tensorMap is not aligned to 64 bytes";
  if (unsigned(m.promotion) > unsigned(tensor_promotion::to_256_bytes)) return "this l2Promotion does not exist";
  if (unsigned(m.swizzle) > unsigned(tensor_swizzle::span_128)) return "this swizzle is not one of sm_90";
  for (unsigned i = 0; i < m.rank; ++i)
    if (element_strides[i] != 1) return "elementStrides other than 1 are not emulated";
  u64 words[16];
  const std::string broken = emulator::encode_tensor_map(words, description_of(m));
  if (broken.empty()) std::memcpy(map, words, sizeof words);
  return broken;
}

}  // namespace

// C names, so that the plain variant can export them by alias.
extern "C" {

result do_cuInit(unsigned flags) {
  ENTER(cuInit);
  if (flags != 0) return invalid_value;
  initialised = true;
  return 0;
}

result do_cuDriverGetVersion(int* version) {
  ENTER(cuDriverGetVersion);
  *version = the_state().driver_version;
  return 0;
}

result do_cuGetErrorName(result code, const char** text) {
  ENTER(cuGetErrorName);
  static const std::map<result, const char*> names = {
      {1, "CUDA_ERROR_INVALID_VALUE"},
      {2, "CUDA_ERROR_OUT_OF_MEMORY"},
      {34, "CUDA_ERROR_STUB_LIBRARY"},
      {100, "CUDA_ERROR_NO_DEVICE"},
      {200, "CUDA_ERROR_INVALID_IMAGE"},
      {201, "CUDA_ERROR_INVALID_CONTEXT"},
      {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
      {719, "CUDA_ERROR_LAUNCH_FAILED"},
      {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"},
      {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
      {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"},
      {912, "CUDA_ERROR_INVALID_CLUSTER_SIZE"},
  };
  const auto found = names.find(code);
  *text = found == names.end() ? nullptr : found->second;
  return found == names.end() ? invalid_value : 0;
}

result do_cuGetErrorString(result code, const char** text) {
  ENTER(cuGetErrorString);
  const auto words = the_state().words.find(code);
  if (words != the_state().words.end()) return *text = words->second.c_str(), 0;
  *text = code == 700 ? "an illegal memory access was encountered" : "the driver's words";
  return 0;
}

result do_cuDeviceGetCount(int* count) {
  ENTER(cuDeviceGetCount);
  *count = the_state().devices;
  return 0;
}

result do_cuDeviceGet(device_number* device, int ordinal) {
  ENTER(cuDeviceGet);
  if (ordinal < 0 || ordinal >= the_state().devices) return invalid_device;
  *device = 100 + ordinal;  // a handle that is not the number
  return 0;
}

result do_cuDeviceGetName(char* name, int bytes, device_number device) {
  ENTER(cuDeviceGetName);
  if (device < 100) return invalid_device;
  std::strncpy(name, "Fake GPU", size_t(bytes));
  return 0;
}

result do_cuDeviceGetAttribute(int* value, int attribute, device_number device) {
  ENTER(cuDeviceGetAttribute);
  const state& s = the_state();
  namespace a = device_attribute;
  const std::map<int, int> values = {{a::major, s.major},
                                     {a::minor, s.minor},
                                     {a::multiprocessors, s.multiprocessors},
                                     {a::shared_block_bytes, s.shared_block_bytes},
                                     {a::shared_multiprocessor_bytes, s.shared_block_bytes + 1024},
                                     {a::threads_multiprocessor, 2048},
                                     {a::registers_multiprocessor, 65536},
                                     {a::l2_bytes, s.l2_bytes},
                                     {a::clock_khz, 1830000},
                                     {a::memory_clock_khz, 2619000},
                                     {a::memory_bus_bits, 5120},
                                     {a::memory_pools, s.memory_pools}};
  const auto found = values.find(attribute);
  if (device < 100 || found == values.end()) return invalid_value;
  *value = found->second;
  return 0;
}

result do_cuDevicePrimaryCtxRetain(context_handle* context, device_number device) {
  ENTER(cuDevicePrimaryCtxRetain);
  if (device < 100) return invalid_device;
  *context = reinterpret_cast<context_handle>(uintptr_t(0xC0000) + uintptr_t(device));
  return 0;
}

result do_cuCtxGetCurrent(context_handle* context) {
  ENTER(cuCtxGetCurrent);
  *context = current.empty() ? nullptr : current.back();
  return 0;
}

result do_cuCtxPushCurrent(context_handle context) {
  ENTER(cuCtxPushCurrent);
  current.push_back(context);
  return 0;
}

result do_cuCtxPopCurrent(context_handle* context) {
  const std::lock_guard lock(the_state().mutex);
  const result code = enter(function::cuCtxPopCurrent);
  if (current.empty()) return invalid_context;
  *context = current.back();
  current.pop_back();  // in a faulted process, too
  return code;
}

result do_cuStreamIsCapturing(stream_handle stream, capture_status* status) {
  ENTER(cuStreamIsCapturing);
  if (no_context()) return invalid_context;
  *status = capture_status::none;
  if (is_null_stream(stream)) return blocking_stream_captures() ? capture_implicit : 0;
  const auto found = the_state().captures.find(stream);
  if (found != the_state().captures.end())
    *status = found->second.valid ? capture_status::active : capture_status::invalidated;
  return 0;
}

result do_cuThreadExchangeStreamCaptureMode(capture_mode* mode) {
  ENTER(cuThreadExchangeStreamCaptureMode);
  std::swap(*mode, thread_mode);
  return 0;
}

// A real cubin is taken, too, and its kernel may have any name.
result do_cuLibraryLoadData(library_handle* library, const void* code, int*, void**, unsigned, int*, void**, unsigned) {
  ENTER(cuLibraryLoadData);
  if (forbidden_while_capturing()) return capture_unsupported;
  const char* text = static_cast<const char*>(code);
  auto made = std::make_unique<kernel>();
  if (std::strncmp(text, "FAKE ", 5) == 0)
    std::istringstream(made->cubin = text + 5) >> made->name >> made->params_bytes;
  else if (std::memcmp(text, "\177ELF", 4) != 0) return invalid_image;
  else made->params_bytes = the_state().cubin_params_bytes;
  if (the_state().load)
    if (const result answer = the_state().load(the_state(), made->cubin)) return answer;
  *library = reinterpret_cast<library_handle>(made.release());
  ++the_state().libraries;
  return 0;
}

result do_cuLibraryUnload(library_handle library) {
  const std::lock_guard lock(the_state().mutex);
  const result code = enter(function::cuLibraryUnload);
  if (library == nullptr) return invalid_handle;
  if (forbidden_while_capturing()) return capture_unsupported;
  delete reinterpret_cast<kernel*>(library);
  --the_state().libraries;
  return code;
}

result do_cuLibraryGetKernel(kernel_handle* out, library_handle library, const char* name) {
  ENTER(cuLibraryGetKernel);
  auto* k = reinterpret_cast<kernel*>(library);
  if (k->name.empty()) k->name = name;
  if (k->name != name) return not_found;
  *out = reinterpret_cast<kernel_handle>(library);
  return 0;
}

result do_cuKernelGetFunction(function_handle* out, kernel_handle kernel) {
  ENTER(cuKernelGetFunction);
  if (no_context()) return invalid_context;
  if (forbidden_while_capturing()) return capture_unsupported;
  *out = reinterpret_cast<function_handle>(kernel);
  return 0;
}

result do_cuFuncLoad(function_handle) {
  ENTER(cuFuncLoad);
  return no_context() ? invalid_context : 0;
}

result do_cuFuncSetAttribute(function_handle f, int attribute, int value) {
  ENTER(cuFuncSetAttribute);
  if (no_context()) return invalid_context;
  if (attribute != function_attribute::max_dynamic_shared_bytes || value > the_state().shared_block_bytes)
    return invalid_value;
  reinterpret_cast<kernel*>(f)->max_shared_bytes = value;
  return 0;
}

result do_cuLaunchKernelEx(const launch_config* config, function_handle f, void** params, void** extra) {
  ENTER(cuLaunchKernelEx);
  if (no_context()) return invalid_context;
  if (extra != nullptr) return invalid_value;
  state& s = the_state();
  const kernel& k = *reinterpret_cast<kernel*>(f);
  launch l;
  l.kernel = k.name;
  l.grid[0] = config->grid_x, l.grid[1] = config->grid_y, l.grid[2] = config->grid_z;
  l.threads = config->block_x;
  l.shared_bytes = config->shared_bytes;
  l.stream = config->stream;
  if (const result code = check_launch(*config, k, l)) return code;
  if (is_null_stream(config->stream) && blocking_stream_captures()) {
    for (auto& [stream, c] : s.captures)
      if (c.blocking) c.valid = false;
    return capture_implicit;
  }
  if (auto found = s.captures.find(config->stream); found != s.captures.end())
    ++found->second.launches, l.captured = true;
  s.now_us += s.launch_us;
  if (s.run) return s.run(s, k.cubin, l, params[0]);
  if (!s.records) return 0;
  const auto* bytes = static_cast<const unsigned char*>(params[0]);
  l.params.assign(bytes, bytes + k.params_bytes);
  s.launches.push_back(std::move(l));
  return 0;
}

#include "tests/support/fake_cuda/memory_calls.inc"

}  // extern "C"

namespace {

struct row {
  const char* name;
  int version;
  void* call;
};

[[maybe_unused]] const row rows[] = {
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments) \
  {#name, version, reinterpret_cast<void*>(static_cast<result(*) arguments>(do_##name))},
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
};

}  // namespace
}  // namespace gemmact::fake_cuda

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT gemmact::fake_cuda::state* gemmact_fake_cuda_state() { return &gemmact::fake_cuda::the_state(); }

#if defined(FAKE_CUDA_PLAIN)
// Like a driver, it has older functions under the plain names of those that have a newer one.
EXPORT int cuCtxPushCurrent(void*) { std::abort(); }
EXPORT int cuCtxPopCurrent(void*) { std::abort(); }
namespace gemmact::fake_cuda {
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments) \
  EXPORT result symbol arguments __attribute__((alias("do_" #name)));
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
}  // namespace gemmact::fake_cuda
#else
EXPORT int cuGetProcAddress_v2(const char* name, void** call, int version, uint64_t flags, int* status) {
  using namespace gemmact::fake_cuda;
  const state& s = the_state();
  if (version > s.driver_version || flags != 0) return invalid_value;
  *call = nullptr;
  *status = 1;
  for (const row& r : rows) {
    if (std::strcmp(r.name, name) != 0 || s.missing.count(name) != 0) continue;
    *status = version < r.version ? 2 : 0;
    if (*status == 0) *call = r.call;
  }
  return 0;
}
#endif

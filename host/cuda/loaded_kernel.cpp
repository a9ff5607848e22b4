#include "host/cuda/loaded_kernel.hpp"

namespace gemmact::cuda {
namespace {

// Loading and unloading are forbidden while some streams are captured, and an attempt spoils their capture. While one of
// these lives, the thread's mode is the one in which they harm none.
class harmless_mode {
 public:
  explicit harmless_mode(const driver& driver)
      : driver_(driver), code_(driver.call.cuThreadExchangeStreamCaptureMode(&before_)) {}
  ~harmless_mode() {
    if (code_ == 0) driver_.call.cuThreadExchangeStreamCaptureMode(&before_);
  }
  harmless_mode(const harmless_mode&) = delete;
  harmless_mode& operator=(const harmless_mode&) = delete;

  result code() const { return code_; }
  capture_mode before() const { return before_; }

 private:
  const driver& driver_;
  capture_mode before_ = capture_mode::relaxed;
  const result code_;
};

// Asked of the legacy stream, the driver answers for every blocking stream.
bool captures(const driver& driver, uintptr_t stream) {
  capture_status status = capture_status::none;
  const result code = driver.call.cuStreamIsCapturing(reinterpret_cast<stream_handle>(stream), &status);
  if (code != 0) return meaning_of(code).status == GEMMACT_STREAM_CAPTURING;
  return status != capture_status::none;
}

// Captures of blocking streams and of the thread's own default stream can be seen.
void refuse_visible_captures(const driver& driver, const std::string& doing) {
  for (uintptr_t stream : {legacy_stream, per_thread_stream})
    if (captures(driver, stream))
      core::fail(GEMMACT_STREAM_CAPTURING,
                 "{} is refused: a stream is being captured, which goes on; plans must be created before a capture "
                 "begins",
                 doing);
}

}  // namespace

loaded_kernel::loaded_kernel(const context& context, const kernel_image& image, unsigned shared_bytes)
    : context_(context), name_(image.name) {
  const context::scope current(context_);
  const std::string doing = fmt::format("loading kernel {}", name_);
  const harmless_mode mode(context_.driver());
  context_.driver().check(mode.code(), "cuThreadExchangeStreamCaptureMode", doing);
  // A thread whose mode it is already has a caller who knows.
  if (mode.before() != capture_mode::relaxed) refuse_visible_captures(context_.driver(), doing);
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

loaded_kernel::~loaded_kernel() {
  const harmless_mode mode(context_.driver());
  context_.driver().call.cuLibraryUnload(library_);
}

void loaded_kernel::launch(const launch_shape& shape, void* params, void* stream) const {
  launch_attribute attributes[2];
  unsigned count = 0;
  if (shape.cluster > 1) {
    attributes[count].id = launch_attribute::cluster_dimension;
    attributes[count++].value.cluster = {shape.cluster, 1, 1};
  }
  // Before 12.3, graphs cannot capture it.
  if (shape.overlaps_previous && context_.driver().version() >= 12030) {
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

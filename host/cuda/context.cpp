#include "host/cuda/context.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace gemmact::cuda {

const context& context::open(const cuda::driver& driver, int number) {
  static std::mutex mutex;
  using key = std::pair<const cuda::driver*, int>;
  static auto& opened = *new std::map<key, std::unique_ptr<const context>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<const context>& entry = opened[{&driver, number}];
  if (!entry) entry.reset(new context(driver, number));
  return *entry;
}

context::context(const cuda::driver& driver, int number) : driver_(driver) {
  const int count = driver.device_count();
  if (count == 0) core::fail(GEMMACT_NO_DEVICE, "the driver is here, but it has no device");
  if (number < 0 || number >= count)
    core::fail(GEMMACT_NO_DEVICE, "the driver has {} device(s), numbered from 0, and none is {}", count, number);
  device_number device = 0;
  driver.check(driver.call.cuDeviceGet(&device, number), "cuDeviceGet", "opening the device");
  facts_ = read_facts(driver, device);
  driver.check(driver.call.cuDevicePrimaryCtxRetain(&handle_, device), "cuDevicePrimaryCtxRetain",
               "opening the device's primary context");
}

context::scope::scope(const context& context, std::nothrow_t) noexcept : driver_(context.driver_) {
  context_handle current = nullptr;
  code_ = driver_.call.cuCtxGetCurrent(&current);
  if (code_ != 0 || current == context.handle_) return;
  function_ = "cuCtxPushCurrent";
  code_ = driver_.call.cuCtxPushCurrent(context.handle_);
  pushed_ = code_ == 0;
}

context::scope::scope(const context& context) : scope(context, std::nothrow) {
  driver_.check(code_, function_, "making the context current");
}

context::scope::~scope() {
  context_handle popped = nullptr;
  if (pushed_) driver_.call.cuCtxPopCurrent(&popped);
}

void* context::allocate(size_t bytes, void* stream, std::string_view what) const {
  if (!facts_.memory_pools)
    core::fail(GEMMACT_NOT_SUPPORTED,
               "the device has no memory pools, so that {} of {} bytes cannot be had; gemmact_run takes memory of its "
               "caller",
               what, bytes);
  const scope current(*this);
  refuse_capture(stream, fmt::format("allocating {}", what));
  device_pointer memory = 0;
  driver_.check(driver_.call.cuMemAllocAsync(&memory, bytes, static_cast<stream_handle>(stream)), "cuMemAllocAsync",
                fmt::format("allocating {} of {} bytes", what, bytes));
  return reinterpret_cast<void*>(memory);
}

void context::release(void* memory, void* stream) const noexcept {
  const scope current(*this, std::nothrow);
  driver_.call.cuMemFreeAsync(reinterpret_cast<device_pointer>(memory), static_cast<stream_handle>(stream));
}

void context::zero(void* memory, size_t bytes, void* stream) const {
  const scope current(*this);
  driver_.check(driver_.call.cuMemsetD8Async(reinterpret_cast<device_pointer>(memory), 0, bytes,
                                             static_cast<stream_handle>(stream)),
                "cuMemsetD8Async", fmt::format("filling a workspace of {} bytes with zeros", bytes));
}

void context::upload(void* to, const void* from, size_t bytes) const {
  const scope current(*this);
  driver_.check(driver_.call.cuMemcpyHtoDAsync(reinterpret_cast<device_pointer>(to), from, bytes, nullptr),
                "cuMemcpyHtoDAsync", fmt::format("copying {} bytes to the device", bytes));
  wait();
}

void context::download(void* to, const void* from, size_t bytes) const {
  const scope current(*this);
  driver_.check(driver_.call.cuMemcpyDtoHAsync(to, reinterpret_cast<device_pointer>(from), bytes, nullptr),
                "cuMemcpyDtoHAsync", fmt::format("copying {} bytes from the device", bytes));
  wait();
}

void context::wait() const {
  const scope current(*this);
  driver_.check(driver_.call.cuStreamSynchronize(nullptr), "cuStreamSynchronize", "waiting for the device");
}

void context::refuse_capture(void* stream, std::string_view doing) const {
  const scope current(*this);
  capture_status status = capture_status::none;
  const result code = driver_.call.cuStreamIsCapturing(static_cast<stream_handle>(stream), &status);
  if (code != 0) driver_.fail(code, "cuStreamIsCapturing", doing);
  if (status != capture_status::none)
    core::fail(GEMMACT_STREAM_CAPTURING,
               "{} is refused: the stream is being captured, which goes on; plans must be created before a capture "
               "begins",
               doing);
}

}  // namespace gemmact::cuda

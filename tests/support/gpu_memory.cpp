#include "tests/support/gpu_memory.hpp"

#include <dlfcn.h>

#include <map>
#include <mutex>

#include "host/cuda/context.hpp"
#include "tests/support/fake_cuda/fake_cuda.hpp"

namespace gemmact::test {
namespace {

// Null where the driver is a real one.
fake_cuda::state* fake_driver() {
  void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  void* const get = library == nullptr ? nullptr : dlsym(library, "gemmact_fake_cuda_state");
  return get == nullptr ? nullptr : reinterpret_cast<fake_cuda::state* (*)()>(get)();
}

// In the order of the default stream, which the suites run in.
class gpu_memory : public device_memory {
 public:
  explicit gpu_memory(int number) : context_(cuda::context::open(cuda::driver::instance(), number)) {}

  uint8_t* allocate(size_t bytes) override {
    void* const whole = context_.allocate(bytes + alignment, nullptr);
    const auto address = reinterpret_cast<uintptr_t>(whole);
    auto* const aligned = static_cast<uint8_t*>(whole) + (alignment - address % alignment) % alignment;
    // What was allocated beyond the piece is nobody's.
    forbid(static_cast<uint8_t*>(whole), size_t(aligned - static_cast<uint8_t*>(whole)));
    forbid(aligned + bytes, alignment - size_t(aligned - static_cast<uint8_t*>(whole)));
    const std::lock_guard lock(mutex_);
    pieces_[aligned] = {whole, bytes + alignment};
    return aligned;
  }

  void release(uint8_t* memory) override {
    const std::lock_guard lock(mutex_);
    const auto found = pieces_.find(memory);
    permit(static_cast<uint8_t*>(found->second.whole), found->second.bytes);
    context_.release(found->second.whole, nullptr);
    pieces_.erase(found);
  }

  void write(uint8_t* to, const uint8_t* from, size_t bytes) override { context_.upload(to, from, bytes); }
  void read(uint8_t* to, const uint8_t* from, size_t bytes) override { context_.download(to, from, bytes); }

  // Emulated GPUs see reads of it; real ones do not.
  void forbid(uint8_t* at, size_t bytes) override {
    if (driver_ == nullptr || bytes == 0) return;
    const std::lock_guard lock(driver_->mutex);
    driver_->forbidden[at] = bytes;
  }
  void permit(uint8_t* at, size_t bytes) override {
    if (driver_ == nullptr) return;
    const std::lock_guard lock(driver_->mutex);
    driver_->forbidden.erase(driver_->forbidden.lower_bound(at), driver_->forbidden.lower_bound(at + bytes));
  }

 private:
  static constexpr uintptr_t alignment = 4096;
  struct piece {
    void* whole;
    size_t bytes;
  };

  const cuda::context& context_;
  fake_cuda::state* const driver_ = fake_driver();
  std::mutex mutex_;
  std::map<uint8_t*, piece> pieces_;  // what an aligned piece was cut from; guarded by mutex_
};

}  // namespace

std::unique_ptr<device_memory> make_gpu_memory(int number) { return std::make_unique<gpu_memory>(number); }

}  // namespace gemmact::test

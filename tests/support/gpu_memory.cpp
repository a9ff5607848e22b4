#include "tests/support/gpu_memory.hpp"

#include <map>
#include <mutex>

#include "host/cuda/context.hpp"

namespace gemmact::test {
namespace {

// In the order of the default stream, which the suites run in.
class gpu_memory : public device_memory {
 public:
  explicit gpu_memory(int number) : context_(cuda::context::open(cuda::driver::instance(), number)) {}

  uint8_t* allocate(size_t bytes) override {
    void* const whole = context_.allocate(bytes + alignment, nullptr);
    const auto address = reinterpret_cast<uintptr_t>(whole);
    auto* const aligned = static_cast<uint8_t*>(whole) + (alignment - address % alignment) % alignment;
    const std::lock_guard lock(mutex_);
    whole_[aligned] = whole;
    return aligned;
  }

  void release(uint8_t* memory) override {
    const std::lock_guard lock(mutex_);
    const auto found = whole_.find(memory);
    context_.release(found->second, nullptr);
    whole_.erase(found);
  }

  void write(uint8_t* to, const uint8_t* from, size_t bytes) override { context_.upload(to, from, bytes); }
  void read(uint8_t* to, const uint8_t* from, size_t bytes) override { context_.download(to, from, bytes); }

 private:
  static constexpr uintptr_t alignment = 4096;

  const cuda::context& context_;
  std::mutex mutex_;
  std::map<uint8_t*, void*> whole_;  // what an aligned piece was cut from; guarded by mutex_
};

}  // namespace

std::unique_ptr<device_memory> make_gpu_memory(int number) { return std::make_unique<gpu_memory>(number); }

}  // namespace gemmact::test

#include "host/examples/digits/device.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace examples {

// What is needed of libcuda.so.1, which the library has loaded and started. All of it works in the device's primary
// context, the library's, and in the order of the default stream.
class device::driver {
 public:
  explicit driver(int number) {
    void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    find_ = library == nullptr ? nullptr : reinterpret_cast<finder>(dlsym(library, "cuGetProcAddress_v2"));
    if (find_ == nullptr) throw std::runtime_error("libcuda.so.1 has no cuGetProcAddress_v2: it is older than CUDA 12");
    int (*get)(int*, int) = nullptr;
    int (*retain)(void**, int) = nullptr;
    int (*push)(void*) = nullptr;
    find("cuDeviceGet", 2000, get);
    find("cuDevicePrimaryCtxRetain", 7000, retain);
    find("cuCtxPushCurrent", 4000, push);
    find("cuMemAllocAsync", 11020, allocate_);
    find("cuMemFreeAsync", 11020, free_);
    find("cuMemsetD8Async", 3020, set_);
    find("cuMemcpyHtoDAsync", 3020, upload_);
    find("cuMemcpyDtoHAsync", 3020, download_);
    find("cuStreamSynchronize", 2000, wait_);
    int device = 0;
    void* context = nullptr;
    check(get(&device, number), "cuDeviceGet");
    check(retain(&context, device), "cuDevicePrimaryCtxRetain");
    check(push(context), "cuCtxPushCurrent");
  }

  void* allocate(size_t bytes) const {
    uint64_t at = 0;
    check(allocate_(&at, bytes, nullptr), "cuMemAllocAsync");
    check(set_(at, 0, bytes, nullptr), "cuMemsetD8Async");
    return reinterpret_cast<void*>(at);
  }
  void release(void* memory) const noexcept { free_(reinterpret_cast<uint64_t>(memory), nullptr); }
  void write(void* to, const void* from, size_t bytes) const {
    check(upload_(reinterpret_cast<uint64_t>(to), from, bytes, nullptr), "cuMemcpyHtoDAsync");
    check(wait_(nullptr), "cuStreamSynchronize");
  }
  void read(void* to, const void* from, size_t bytes) const {
    check(download_(to, reinterpret_cast<uint64_t>(from), bytes, nullptr), "cuMemcpyDtoHAsync");
    check(wait_(nullptr), "cuStreamSynchronize");
  }

 private:
  using finder = int (*)(const char*, void**, int version, uint64_t flags, int* found);

  // As it was from that version of CUDA on: 1000 * major + 10 * minor.
  template <class Function>
  void find(const char* name, int version, Function& function) const {
    void* address = nullptr;
    int found = 0;
    if (find_(name, &address, version, 0, &found) != 0 || address == nullptr)
      throw std::runtime_error(std::string("the driver has no ") + name);
    function = reinterpret_cast<Function>(address);
  }
  static void check(int result, const char* call) {
    if (result != 0) throw std::runtime_error(std::string(call) + " fails with CUDA's error " + std::to_string(result));
  }

  finder find_ = nullptr;
  int (*allocate_)(uint64_t*, size_t, void* stream) = nullptr;
  int (*free_)(uint64_t, void*) = nullptr;
  int (*set_)(uint64_t, unsigned char, size_t, void*) = nullptr;
  int (*upload_)(uint64_t, const void*, size_t, void*) = nullptr;
  int (*download_)(void*, uint64_t, size_t, void*) = nullptr;
  int (*wait_)(void*) = nullptr;
};

device::device(const std::string& name) : context_(name) {
  const std::string gpu = "cuda:";
  if (name.rfind(gpu, 0) == 0) driver_ = std::make_shared<const driver>(std::stoi(name.substr(gpu.size())));
}

std::shared_ptr<void> device::allocate(size_t bytes) const {
  constexpr std::align_val_t alignment{256};
  const size_t whole = std::max<size_t>((bytes + 255) / 256, 1) * 256;
  if (driver_ != nullptr)
    return {driver_->allocate(whole), [keeps = driver_](void* memory) { keeps->release(memory); }};
  std::shared_ptr<void> memory(::operator new(whole, alignment), [](void* m) { ::operator delete(m, alignment); });
  std::memset(memory.get(), 0, whole);
  return memory;
}

void device::write(void* to, const void* from, size_t bytes) const {
  if (driver_ != nullptr) driver_->write(to, from, bytes);
  else std::memcpy(to, from, bytes);
}

void device::read(void* to, const void* from, size_t bytes) const {
  if (driver_ != nullptr) driver_->read(to, from, bytes);
  else std::memcpy(to, from, bytes);
}

bound_plan::bound_plan(const device& where, const gemmact::problem& layer, gemmact::operands memory)
    : plan_(where.context(), layer), memory_(std::move(memory)), workspace_bytes_(plan_.info().workspace_bytes) {
  if (workspace_bytes_ == 0) return;
  workspace_ = where.allocate(workspace_bytes_);
  gemmact::check(gemmact_workspace_init(plan_.get(), workspace_.get(), nullptr));
}

void bound_plan::run(int64_t m) { plan_.run(memory_.m(m), workspace_.get(), workspace_bytes_); }

}  // namespace examples

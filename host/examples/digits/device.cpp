#include "host/examples/digits/device.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace examples {

// What is needed of libcuda.so.1, as CUDA's documentation declares it. All of it works in the device's primary context,
// the one that the library uses.
class device::driver {
 public:
  explicit driver(int number) {
    void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error("the driver's library libcuda.so.1 cannot be loaded");
    find(library, "cuInit", init_);
    find(library, "cuDeviceGet", get_);
    find(library, "cuDevicePrimaryCtxRetain", retain_);
    find(library, "cuCtxSetCurrent", make_current_);
    find(library, "cuMemAlloc_v2", allocate_);
    find(library, "cuMemFree_v2", free_);
    find(library, "cuMemsetD8_v2", set_);
    find(library, "cuMemcpyHtoD_v2", upload_);
    find(library, "cuMemcpyDtoH_v2", download_);
    int device = 0;
    void* context = nullptr;
    check(init_(0), "cuInit");
    check(get_(&device, number), "cuDeviceGet");
    check(retain_(&context, device), "cuDevicePrimaryCtxRetain");
    check(make_current_(context), "cuCtxSetCurrent");
  }

  void* allocate(size_t bytes) const {
    uint64_t at = 0;
    check(allocate_(&at, bytes), "cuMemAlloc");
    check(set_(at, 0, bytes), "cuMemsetD8");
    return reinterpret_cast<void*>(at);
  }
  void release(void* memory) const noexcept { free_(reinterpret_cast<uint64_t>(memory)); }
  void write(void* to, const void* from, size_t bytes) const {
    check(upload_(reinterpret_cast<uint64_t>(to), from, bytes), "cuMemcpyHtoD");
  }
  void read(void* to, const void* from, size_t bytes) const {
    check(download_(to, reinterpret_cast<uint64_t>(from), bytes), "cuMemcpyDtoH");
  }

 private:
  template <class Function>
  static void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) throw std::runtime_error(std::string("the driver has no ") + name);
  }
  static void check(int result, const char* call) {
    if (result != 0) throw std::runtime_error(std::string(call) + " fails with CUDA's error " + std::to_string(result));
  }

  int (*init_)(unsigned) = nullptr;
  int (*get_)(int*, int) = nullptr;
  int (*retain_)(void**, int) = nullptr;
  int (*make_current_)(void*) = nullptr;
  int (*allocate_)(uint64_t*, size_t) = nullptr;
  int (*free_)(uint64_t) = nullptr;
  int (*set_)(uint64_t, unsigned char, size_t) = nullptr;
  int (*upload_)(uint64_t, const void*, size_t) = nullptr;
  int (*download_)(void*, uint64_t, size_t) = nullptr;
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

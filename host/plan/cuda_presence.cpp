#include "host/plan/cuda_presence.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>

namespace gemmact::plan {
namespace {

struct unload {
  void operator()(void* library) const { dlclose(library); }
};

// The driver's functions are C functions that return a CUresult, 0 for success.
template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

std::string words_of(void* library, int code) {
  auto* name_of = symbol<int(int, const char**)>(library, "cuGetErrorName");
  const char* name = nullptr;
  if (name_of == nullptr || name_of(code, &name) != 0 || name == nullptr) return fmt::format("error {}", code);
  return name;
}

}  // namespace

cuda_presence find_cuda(const char* library_name) {
  cuda_presence found;
  std::unique_ptr<void, unload> library(dlopen(library_name, RTLD_NOW | RTLD_LOCAL));
  if (!library) {
    found.trouble = "the driver's library libcuda.so.1 is not on this machine";
    return found;
  }
  found.library = true;
  auto* version = symbol<int(int*)>(library.get(), "cuDriverGetVersion");  // works in a driver that cannot start
  if (version != nullptr && version(&found.version) != 0) found.version = 0;
  auto* initialise = symbol<int(unsigned)>(library.get(), "cuInit");
  auto* count = symbol<int(int*)>(library.get(), "cuDeviceGetCount");
  if (initialise == nullptr || count == nullptr) {
    found.trouble = "the driver's library lacks cuInit or cuDeviceGetCount";
    return found;
  }
  if (int code = initialise(0); code != 0) {
    found.trouble = "the driver could not start: cuInit says " + words_of(library.get(), code);
    return found;
  }
  if (int code = count(&found.devices); code != 0) {
    found.devices = 0;
    found.trouble = "the driver could not count its devices: " + words_of(library.get(), code);
  } else if (found.devices == 0) {
    found.trouble = "the driver is here, but it has no device";
  }
  return found;
}

}  // namespace gemmact::plan

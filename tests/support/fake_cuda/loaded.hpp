// The stand-in that gemmact_with_fake_cuda (CMakeLists.txt beside this) puts where the library under test finds it.
#pragma once
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/fake_cuda/fake_cuda.hpp"

namespace gemmact::fake_cuda {

inline state& loaded(const char* file = GEMMACT_FAKE_CUDA) {
  void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  auto* get = library == nullptr ? nullptr : dlsym(library, "gemmact_fake_cuda_state");
  if (get == nullptr) {
    std::fprintf(stderr, "%s cannot be loaded: %s\n", file, dlerror());
    std::abort();
  }
  return *reinterpret_cast<state* (*)()>(get)();
}

// Whether the library loads this one, and no driver of the machine.
inline bool is_the_drivers() {
  loaded();
  void* found = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  return found != nullptr && dlsym(found, "gemmact_fake_cuda_state") != nullptr;
}

}  // namespace gemmact::fake_cuda

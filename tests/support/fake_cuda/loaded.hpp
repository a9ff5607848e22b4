// The stand-in that gemmact_with_fake_cuda (CMakeLists.txt beside this) puts where the library under test finds it.
#pragma once
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/fake_cuda/fake_cuda.hpp"

namespace gemmact::fake_cuda {

// Ends the process where a driver of the machine, or none, would be found: no test is meant for that one.
inline state& loaded(const char* file = "libcuda.so.1") {
  void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* get = library == nullptr ? nullptr : dlsym(library, "gemmact_fake_cuda_state");
  if (get == nullptr) {
    std::fprintf(stderr, "%s is not the fake one: run this with ctest, which sets LD_LIBRARY_PATH\n", file);
    std::exit(1);
  }
  return *reinterpret_cast<state* (*)()>(get)();
}

}  // namespace gemmact::fake_cuda

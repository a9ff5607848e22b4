// What this machine has of CUDA, found without linking to it.
#pragma once
#include <string>

namespace gemmact::plan {

struct cuda_presence {
  bool library = false;  // the driver's library is there
  int version = 0;       // of CUDA that the driver is for, 1000 * major + 10 * minor; 0 when it tells none
  int devices = 0;
  std::string trouble;  // why there are no devices, in the driver's words where it has any; empty when there are some
};

// Loads the driver's library, asks it, and lets it go again.
cuda_presence find_cuda(const char* library = "libcuda.so.1");

}  // namespace gemmact::plan

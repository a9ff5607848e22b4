// A kernel that does not compile.
#pragma once
#include "tests/host/jit/probe.cuh"
namespace gemmact::probe {
struct wrong : shape<128, 1> {
  static __device__ void run(const buffers& p) { p.to[threadIdx.x] = no_such_function(p.from); }
};
}  // namespace gemmact::probe

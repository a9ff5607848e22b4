// A kernel that compiles with a warning.
#pragma once
#include "tests/host/jit/probe.cuh"
namespace gemmact::probe {
struct warns : shape<128, 1> {
  static __device__ void run(const buffers& p) {
    int nobody_reads_this;
    p.to[threadIdx.x] = p.from[threadIdx.x];
  }
};
}  // namespace gemmact::probe

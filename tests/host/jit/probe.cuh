// Small kernels that compile, and two that do not do so cleanly.
#pragma once
#include "kernels/base/config.hpp"
namespace gemmact::probe {
struct buffers {
  const float* from;
  float* to;
};
template <u32 thread_count, u32 least_blocks>
struct shape {
  using params = buffers;
  static constexpr u32 threads = thread_count, min_blocks = least_blocks, shared_bytes = 1024;
};
template <int factor>
struct scale : shape<128, 1> {
  static __device__ void run(const buffers& p) { p.to[threadIdx.x] = p.from[threadIdx.x] * factor; }
};
// 64 live values and 32 registers.
struct spills : shape<1024, 2> {
  static __device__ void run(const buffers& p) {
    float values[64];
#pragma unroll
    for (int i = 0; i < 64; ++i) values[i] = p.from[threadIdx.x + 1024 * i];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 64; ++i) p.to[threadIdx.x + 1024 * i] = values[i] * values[(i * 7 + 3) % 64] + values[63 - i];
  }
};
struct stack : shape<128, 1> {
  static __device__ void run(const buffers& p) {
    float values[256];
    for (int i = 0; i < 256; ++i) values[i] = p.from[i];
    p.to[threadIdx.x] = values[int(p.from[256 + threadIdx.x]) & 255];
  }
};
// Shared memory, vector loads, a special function.
struct features : shape<128, 1> {
  static __device__ void run(const buffers& p) {
    __shared__ float kept[128];
    const float4 v = reinterpret_cast<const float4*>(p.from)[threadIdx.x];
    kept[threadIdx.x] = v.x + v.y * v.z + v.w;
    __syncthreads();
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(kept[127 - threadIdx.x]));
    p.to[threadIdx.x] = y;
  }
};
}  // namespace gemmact::probe

#include <cuda_runtime_api.h>

#include "bench/gpu/roof.hpp"
#include "gemmact/gemmact.h"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/base/float_types.hpp"

namespace gemmact_bench {
namespace {

using gemmact::array;
using gemmact::u32;

constexpr int threads = 256, blocks_a_multiprocessor = 2;

// Never true of sums of products: what is only computed to be timed must not be left out.
__device__ __forceinline__ void keep(float sum, float* sink) {
  if (sum == 1.2345e-38f) *sink = sum;
}

// A warp's part of a tile as a kernel has it: 4 x 4 independent sums, and operands of two steps, so that those of one
// mma.sync are seldom those of the one before. K: depth of the instruction. Of e4m3 there is one step: where the
// instruction is made of f16's, its operands are widened once, before the loop, and take twice the registers.
template <class T, int K, int steps = 2>
struct mma_loop {
  static constexpr int side = 4, words = steps * side * (4 + 2);
  static constexpr double flop = double(steps) * side * side * 2 * 16 * 8 * K / 32;  // an iteration and thread

  array<u32, 4> a[steps][side];
  array<u32, 2> b[steps][side];
  array<float, 4> d[side][side];

  __device__ explicit mma_loop(const u32* values) : d{} {
#pragma unroll
    for (int s = 0; s < steps; ++s)
#pragma unroll
      for (int i = 0; i < side; ++i) {
#pragma unroll
        for (int r = 0; r < 4; ++r) a[s][i].values[r] = values[(s * side + i) * 6 + r];
#pragma unroll
        for (int r = 0; r < 2; ++r) b[s][i].values[r] = values[(s * side + i) * 6 + 4 + r];
      }
  }

  __device__ __forceinline__ void iterate() {
#pragma unroll
    for (int s = 0; s < steps; ++s)
#pragma unroll
      for (int i = 0; i < side; ++i)
#pragma unroll
        for (int j = 0; j < side; ++j) gemmact::arch::mma<T>(d[i][j], a[s][i], b[s][j]);
  }

  __device__ __forceinline__ float sum() const {
    float all = 0;
#pragma unroll
    for (int i = 0; i < side; ++i)
#pragma unroll
      for (int j = 0; j < side; ++j)
        all += d[i][j].values[0] + d[i][j].values[1] + d[i][j].values[2] + d[i][j].values[3];
    return all;
  }
};

// The same of f32: a thread's 8 x 8 sums.
struct ffma_loop {
  static constexpr int side = 8, steps = 2, words = steps * side * 2;
  static constexpr double flop = double(steps) * side * side * 2;

  float a[steps][side], b[steps][side], d[side][side];

  __device__ explicit ffma_loop(const u32* values) : d{} {
#pragma unroll
    for (int s = 0; s < steps; ++s)
#pragma unroll
      for (int i = 0; i < side; ++i) {
        a[s][i] = __uint_as_float(values[(s * side + i) * 2]);
        b[s][i] = __uint_as_float(values[(s * side + i) * 2 + 1]);
      }
  }

  __device__ __forceinline__ void iterate() {
#pragma unroll
    for (int s = 0; s < steps; ++s)
#pragma unroll
      for (int i = 0; i < side; ++i)
#pragma unroll
        for (int j = 0; j < side; ++j) d[i][j] = fmaf(a[s][i], b[s][j], d[i][j]);
  }

  __device__ __forceinline__ float sum() const {
    float all = 0;
#pragma unroll
    for (int i = 0; i < side; ++i)
#pragma unroll
      for (int j = 0; j < side; ++j) all += d[i][j];
    return all;
  }
};

template <class Loop>
__global__ void __launch_bounds__(threads, blocks_a_multiprocessor)
    roof_of_loop(const u32* values, int64_t iterations, float* sink) {
  static_assert(threads * Loop::words * int64_t(sizeof(u32)) <= roof_value_bytes);
  Loop loop(values + threadIdx.x * Loop::words);
#pragma unroll 1
  for (int64_t i = 0; i < iterations; ++i) loop.iterate();
  keep(loop.sum(), sink);
}

template <class Loop>
roof_launch launch_loop(const roof_loop& job, const roof_place& place) {
  const int blocks = place.multiprocessors * blocks_a_multiprocessor;
  roof_of_loop<Loop><<<blocks, threads, 0, static_cast<cudaStream_t>(place.stream)>>>(
      static_cast<const u32*>(job.values), job.iterations, place.sink);
  return {true, int(cudaGetLastError()), Loop::flop * double(job.iterations) * threads * blocks};
}

constexpr int pieces_under_way = 8;  // 16-byte loads of a thread that come before it uses the first

template <bool writes>
__global__ void __launch_bounds__(threads) roof_of_memory(const uint4* from, uint4* to, int64_t pieces, float* sink) {
  const int64_t block_pieces = int64_t(threads) * pieces_under_way;
  u32 sum = 0;
  for (int64_t first = blockIdx.x * block_pieces + threadIdx.x; first < pieces; first += gridDim.x * block_pieces) {
    uint4 taken[pieces_under_way] = {};
#pragma unroll
    for (int i = 0; i < pieces_under_way; ++i)
      if (first + i * threads < pieces) taken[i] = from[first + i * threads];
#pragma unroll
    for (int i = 0; i < pieces_under_way; ++i)
      if constexpr (writes) {
        if (first + i * threads < pieces) to[first + i * threads] = taken[i];
      } else {
        sum ^= taken[i].x ^ taken[i].y ^ taken[i].z ^ taken[i].w;
      }
  }
  if constexpr (!writes) keep(__uint_as_float(sum), sink);
}

}  // namespace

int roof_architecture() { return GEMMACT_BENCH_CUDA_ARCHITECTURE; }

roof_launch run_roof_loop(const roof_loop& loop, const roof_place& place) {
  switch (loop.type) {
    case GEMMACT_F32:
      return loop.compute == GEMMACT_COMPUTE_TF32 ? launch_loop<mma_loop<gemmact::tf32, 8>>(loop, place)
                                                  : launch_loop<ffma_loop>(loop, place);
    case GEMMACT_F16:
      return launch_loop<mma_loop<gemmact::f16_bits, 16>>(loop, place);
    case GEMMACT_BF16:
      return launch_loop<mma_loop<gemmact::bf16_bits, 16>>(loop, place);
#if GEMMACT_BENCH_CUDA_ARCHITECTURE >= 89
    case GEMMACT_E4M3:
      return launch_loop<mma_loop<gemmact::e4m3_bits, 32, 1>>(loop, place);
#endif
    default:
      return {};
  }
}

roof_launch run_roof_pass(const roof_pass& pass, const roof_place& place) {
  const int64_t pieces = pass.bytes / int64_t(sizeof(uint4));
  const int blocks = place.multiprocessors * 8;
  const auto stream = static_cast<cudaStream_t>(place.stream);
  const auto from = static_cast<const uint4*>(pass.from);
  const auto to = static_cast<uint4*>(pass.to);
  if (to == nullptr) roof_of_memory<false><<<blocks, threads, 0, stream>>>(from, to, pieces, place.sink);
  else roof_of_memory<true><<<blocks, threads, 0, stream>>>(from, to, pieces, place.sink);
  return {true, int(cudaGetLastError()), double(pass.bytes) * (to == nullptr ? 1 : 2)};
}

}  // namespace gemmact_bench

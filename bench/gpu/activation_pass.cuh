// The kernel of bench/gpu/activation_pass.hpp, for any function.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <type_traits>

#include "bench/gpu/activation_pass.hpp"
#include "kernels/activation/activation.hpp"

namespace gemmact_bench {

struct alignas(16) sixteen_bytes {
  unsigned int words[4];
};

template <class T>
__device__ __forceinline__ float widened(T v) {
  if constexpr (sizeof(T) == 4) return v;
  else return static_cast<float>(v);
}

template <class T>
__device__ __forceinline__ T narrowed(float v) {
  if constexpr (sizeof(T) == 4) return v;
  else if constexpr (std::is_same_v<T, __half>) return __float2half_rn(v);
  else return __float2bfloat16_rn(v);
}

// Elements of one 16-byte access; where rows are not whole multiples of it, one by one as far as `count`.
template <class T>
struct piece_of_row {
  static constexpr int width = 16 / sizeof(T);
  union {
    sixteen_bytes bytes;
    T values[width];
  };
  __device__ piece_of_row() : bytes{} {}
  __device__ __forceinline__ void load(const T* from, bool whole, int count) {
    if (whole) bytes = *reinterpret_cast<const sixteen_bytes*>(from);
    else
      for (int i = 0; i < width; ++i)
        if (i < count) values[i] = from[i];
  }
  __device__ __forceinline__ void store(T* to, bool whole, int count) const {
    if (whole) *reinterpret_cast<sixteen_bytes*>(to) = bytes;
    else
      for (int i = 0; i < width; ++i)
        if (i < count) to[i] = values[i];
  }
};

struct pass_args {
  const void* z;
  const float* bias;
  void* out;
  int64_t rows, cols;
  float params[4];
  const float* targets;
  int target_param;
  bool whole;  // rows are whole multiples of 16 bytes
};

// The largest part, with no function.
template <int part_count>
struct maxout {
  static constexpr int parts = part_count;
  __device__ maxout(const pass_args&, int64_t) {}
  __device__ __forceinline__ float operator()(const float (&of)[parts]) const {
    float largest = of[0];
#pragma unroll
    for (int p = 1; p < parts; ++p) largest = of[p] > largest ? of[p] : largest;
    return largest;
  }
};

template <class Act, int part_count>
struct activated {
  static constexpr int parts = part_count;
  Act f;
  __device__ activated(const pass_args& args, int64_t row) : f(of_row(args, row)) {}
  __device__ static Act of_row(const pass_args& args, int64_t row) {
    float values[4] = {args.params[0], args.params[1], args.params[2], args.params[3]};
    if constexpr (takes_target())
      for (int i = 0; i < 4; ++i)
        if (i == args.target_param) values[i] = args.targets[row];
    return gemmact::activation::make<Act>(values);
  }
  GEMMACT_FN static constexpr bool takes_target() {
    for (int i = 0; i < Act::info.param_count; ++i)
      if (Act::info.params[i].operand) return true;
    return false;
  }
  __device__ __forceinline__ float operator()(const float (&of)[parts]) const {
    if constexpr (parts == 1) return f(of[0]);
    else return f(of[0]) * of[1];
  }
};

inline constexpr int pass_columns = 32, pass_rows = 8;  // threads of a block; a thread has one piece of a row's columns

// A thread keeps its columns, whose bias it reads once, and walks down the rows, some of them at a time: all their loads
// come before the first store, which the compiler may not move them over when the pass works in place.
template <class Combine, class T>
__global__ void __launch_bounds__(pass_columns* pass_rows) activation_pass(const pass_args args) {
  using piece = piece_of_row<T>;
  constexpr int width = piece::width, parts = Combine::parts, batch = parts < 4 ? 4 / parts : 1;
  const int64_t column = (int64_t(blockIdx.x) * pass_columns + threadIdx.x) * width;
  if (column >= args.cols) return;
  const int count = args.cols - column < width ? int(args.cols - column) : width;
  float bias[parts][width];
  for (int p = 0; p < parts; ++p)
    for (int i = 0; i < width; ++i) bias[p][i] = i < count ? args.bias[p * args.cols + column + i] : 0.0f;
  const T* z = static_cast<const T*>(args.z) + column;
  T* out = static_cast<T*>(args.out) + column;
  const int64_t step = int64_t(gridDim.y) * pass_rows;
  for (int64_t first = int64_t(blockIdx.y) * pass_rows + threadIdx.y; first < args.rows; first += batch * step) {
    piece in[batch][parts];
#pragma unroll
    for (int b = 0; b < batch; ++b)
      if (first + b * step < args.rows)
        for (int p = 0; p < parts; ++p)
          in[b][p].load(z + ((first + b * step) * parts + p) * args.cols, args.whole, count);
#pragma unroll
    for (int b = 0; b < batch; ++b) {
      const int64_t row = first + b * step;
      if (row >= args.rows) break;
      const Combine combine(args, row);
      piece result;
#pragma unroll
      for (int i = 0; i < width; ++i) {
        float of[parts];
#pragma unroll
        for (int p = 0; p < parts; ++p) of[p] = widened(in[b][p].values[i]) + bias[p][i];
        result.values[i] = narrowed<T>(combine(of));
      }
      result.store(out + row * args.cols, args.whole, count);
    }
  }
}

template <class Combine, class T>
gpu_pass_result launch_pass(const gpu_pass_job& job) {
  constexpr int width = piece_of_row<T>::width;
  pass_args args{job.z,       job.bias,         job.out,
                 job.rows,    job.cols,         {job.params[0], job.params[1], job.params[2], job.params[3]},
                 job.targets, job.target_param, job.cols % width == 0};
  const int64_t across = (job.cols + int64_t(pass_columns) * width - 1) / (int64_t(pass_columns) * width);
  const int64_t down = (job.rows + pass_rows - 1) / pass_rows;
  // Eight blocks fill a multiprocessor; four times that leaves little of a last wave, and a thread some rows to reuse
  // its bias for.
  const int64_t wanted = (int64_t(job.multiprocessors) * 32 + across - 1) / across;
  const int64_t most = down < 65535 ? down : 65535;
  const dim3 grid(unsigned(across), unsigned(wanted < most ? wanted : most));
  activation_pass<Combine, T><<<grid, dim3(pass_columns, pass_rows), 0, static_cast<cudaStream_t>(job.stream)>>>(args);
  return {true, int(cudaGetLastError())};  // which forgets it
}

template <class Combine>
gpu_pass_result launch_typed(const gpu_pass_job& job) {
  if (job.type == 1) return launch_pass<Combine, float>(job);
  if (job.type == 2) return launch_pass<Combine, __half>(job);
  return launch_pass<Combine, __nv_bfloat16>(job);
}

inline gpu_pass_result launch_maxout(const gpu_pass_job& job) {
  if (job.pieces == 8) return launch_typed<maxout<8>>(job);
  return job.pieces == 4 ? launch_typed<maxout<4>>(job) : launch_typed<maxout<2>>(job);
}

template <class Act>
gpu_pass_result launch_function(const gpu_pass_job& job) {
  return job.combine == 1 ? launch_typed<activated<Act, 2>>(job) : launch_typed<activated<Act, 1>>(job);
}

}  // namespace gemmact_bench

// Rows of 16-bit numbers to and from f32, by Eigen's vectorised casts (F16C, AVX-512, NEON where the machine has them).
// Compiled for the machine that builds it.
#pragma once
#include <Eigen/Core>
#include <cstdint>

#include "bench/baselines/pool.hpp"

namespace gemmact_bench {

template <class T>
void to_floats(const void* in, int64_t count, float* out) {
  Eigen::Map<Eigen::ArrayXf>(out, count) =
      Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>(static_cast<const T*>(in), count).template cast<float>();
}

template <class T>
void from_floats(const float* in, int64_t count, void* out) {
  Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(static_cast<T*>(out), count) =
      Eigen::Map<const Eigen::ArrayXf>(in, count).template cast<T>();
}

// Of a gemmact_type: f32, f16 or bf16.
void to_floats(int type, const void* in, int64_t count, float* out);

// The same on all threads.
void to_floats(pool& threads, int type, const void* in, int64_t count, float* out);

}  // namespace gemmact_bench

// One activation's passes. The units that include this are compiled with the activations in a namespace of their own
// (-Dgemmact=...), so that no inline function of theirs is merged with one compiled for another instruction set.
#pragma once
#include "bench/baselines/pass_loops.hpp"
#include "kernels/activation/activation.hpp"

namespace gemmact_bench {

template <class Act>
struct passes_of {
  static Act of_row(const pass_job& job, int64_t row) {
    float values[gemmact::activation::max_params] = {};
    for (int i = 0; i < Act::info.param_count; ++i)
      values[i] = i == job.target_param ? job.targets[row] : job.params[i];
    return gemmact::activation::make<Act>(values);
  }

  static void forward(const pass_job& job, const pass_range& range) {
    with_type(job.type, [&](auto element) {
      using T = decltype(element);
      each_piece<T>(job, range, [&](int64_t i, int64_t j, int64_t count, T* out) {
        const Act f = of_row(job, i);
        const float *z = job.z + i * job.ldz + j, *bias = job.bias + j;
        write_row<T>(out, count, [=](int64_t c) { return f(z[c] + bias[c]); });
      });
    });
  }

  static void gated(const pass_job& job, const pass_range& range) {
    with_type(job.type, [&](auto element) {
      using T = decltype(element);
      each_piece<T>(job, range, [&](int64_t i, int64_t j, int64_t count, T* out) {
        const Act f = of_row(job, i);
        const float *z = job.z + i * job.ldz + j, *bias = job.bias + j;
        const float *v = z + job.cols, *value_bias = bias + job.cols;
        write_row<T>(out, count, [=](int64_t c) { return f(z[c] + bias[c]) * (v[c] + value_bias[c]); });
      });
    });
  }

  static void gradient(const pass_job& job, const pass_range& range) {
    with_type(job.type, [&](auto element) {
      using T = decltype(element);
      each_piece<T>(job, range, [&](int64_t i, int64_t j, int64_t count, T* out) {
        alignas(64) float kept_room[piece], dy_room[piece];
        const Act f = of_row(job, i);
        const int64_t at = i * job.cols + j;
        const float* z = row_floats<T>(static_cast<const T*>(job.kept) + at, count, kept_room);
        const float* dy = job.dy == nullptr ? job.z + i * job.ldz + j
                                            : row_floats<T>(static_cast<const T*>(job.dy) + at, count, dy_room);
        write_row<T>(out, count, [=](int64_t c) {
          const float slope = f.grad(z[c]);
          return slope == 0.0f ? 0.0f : dy[c] * slope;
        });
      });
    });
  }
};

template <class Act>
constexpr activation_passes make_passes(const char* name) {
  return {name, passes_of<Act>::forward, passes_of<Act>::gated, passes_of<Act>::gradient};
}

}  // namespace gemmact_bench

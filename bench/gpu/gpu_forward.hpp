// The arms of a forward layer on a GPU.
#pragma once
#include "bench/core/gpu_contest.hpp"
#include "bench/gpu/cublaslt_product.hpp"
#include "bench/gpu/stream.hpp"

namespace gemmact_bench {

inline constexpr int heuristics_asked = 64;
inline constexpr size_t workspace_bytes = size_t(64) << 20;

// What all cases share.
struct gpu_environment {
  gpu_environment(const context& on, int64_t cold_bytes, int multiprocessor_count);

  const context& device;
  pool threads;  // of the host, for inputs
  input_stores stores;
  stream queue;
  cublaslt library;
  const int multiprocessors;
  const int architecture;  // 90 of sm_90
  heat_memory heats;
};

// Throws case_left_out where the library's plan refuses the layer.
std::shared_ptr<gpu_layer> make_gpu_layer(gpu_environment& environment, const bench_case& c);

workload make_gpu_forward(gpu_environment& environment, const bench_case& c, const measure_settings& settings);

}  // namespace gemmact_bench

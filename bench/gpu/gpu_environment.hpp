// What the cases on a GPU share.
#pragma once
#include "bench/core/gpu_contest.hpp"
#include "bench/core/oracle.hpp"
#include "bench/gpu/cublaslt_product.hpp"
#include "bench/gpu/stream.hpp"

namespace gemmact_bench {

inline constexpr int heuristics_asked = 64;
inline constexpr size_t workspace_bytes = size_t(64) << 20;

inline bool rotates(const bench_case& c) { return is_cold(c, most_cold_rows_on_gpu); }

// Nothing is documented of how cuBLASLt rounds to tf32 and sums e4m3, nor of how exact its gelu and its derivative are.
inline constexpr product_path path_of_cublaslt{operand_rounding::cut_off, true};
inline constexpr double gelu_of_cublaslt = 0x1p-10;

struct gpu_environment {
  gpu_environment(const context& on, int64_t cold_bytes, int multiprocessor_count);

  // How a plan of this library makes its product.
  product_path path_of(const fused_layer& plan) const {
    return {.short_sums = sums_e4m3_shortly(plan.family(), architecture)};
  }
  layer_place place() const {
    return {[](size_t bytes) { return device_memory(bytes).shared(); }, queue.get()};
  }
  // An element, when all that was begun is done.
  double read(const device_memory& from, gemmact_type type, int64_t index);

  const context& device;
  pool threads;  // of the host, for inputs
  input_stores stores;
  stream queue;
  cublaslt library;
  const int multiprocessors;
  const int architecture;  // 90 of sm_90
  heat_memory heats;
};

}  // namespace gemmact_bench

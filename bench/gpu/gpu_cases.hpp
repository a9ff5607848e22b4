// Any case on a GPU.
#pragma once
#include "bench/core/gpu_contest.hpp"
#include "bench/gpu/gpu_environment.hpp"

namespace gemmact_bench {

// Throws case_left_out where the library's plan refuses the case.
std::shared_ptr<gpu_layer> make_gpu_layer(gpu_environment& environment, const bench_case& c);

workload make_gpu_case(gpu_environment& environment, const bench_case& c, const measure_settings& settings);

}  // namespace gemmact_bench

// The arms of a forward layer on a GPU.
#pragma once
#include "bench/core/gpu_contest.hpp"
#include "bench/gpu/gpu_environment.hpp"

namespace gemmact_bench {

// Throws library_error where the library's plan refuses the layer.
std::shared_ptr<gpu_layer> make_gpu_forward(gpu_environment& environment, const bench_case& c);

}  // namespace gemmact_bench

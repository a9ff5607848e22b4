// What bench/profile has Nsight Compute look at: one case's fused arm and nothing else.
#pragma once
#include "bench/gpu/gpu_cases.hpp"

namespace gemmact_bench {

// Prints lines "name value" (case, kernel, family, fused_seconds, plain_seconds); then a few launches of the fused arm
// come between the profiler's start and stop. Throws where the result is wrong.
void run_gpu_profile(gpu_environment& environment, const bench_case& c, const measure_settings& settings);

}  // namespace gemmact_bench

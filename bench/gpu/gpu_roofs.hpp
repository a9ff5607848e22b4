// The roofs of a GPU, timed: its loops with operands in registers and its memory.
#pragma once
#include "bench/core/roofline.hpp"
#include "bench/gpu/gpu_environment.hpp"

namespace gemmact_bench {

// About a second; the GPU should be warm.
measured_roofs measure_roofs(gpu_environment& environment);

}  // namespace gemmact_bench

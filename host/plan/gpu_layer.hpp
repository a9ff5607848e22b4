// A checked problem as kernel families see it.
#pragma once
#include "host/core/problem.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

families::layer gpu_layer(const core::problem& p);

}  // namespace gemmact::plan

// A checked problem as kernel families see it.
#pragma once
#include "host/core/problem.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

families::layer gpu_layer(const core::problem& p);
// `backward`: what kernels compute with it is its derivatives.
families::function gpu_function(const core::activation_use& use, gemmact_accuracy mode, bool backward = false);

}  // namespace gemmact::plan

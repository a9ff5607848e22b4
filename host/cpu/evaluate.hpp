// An activation over values in host memory, by the CPU device's loops.
#pragma once
#include <cstddef>

#include "host/core/activation_info.hpp"

namespace gemmact::cpu {

// y[i] = f(x[i]), dy_dx[i] = f'(x[i]) for i < count; either output may be null, and may be x. An operand's value is taken
// from use.params.
void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx);

}  // namespace gemmact::cpu

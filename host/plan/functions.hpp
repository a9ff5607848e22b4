// The catalogue and its evaluation, as the interface above needs them.
#pragma once
#include <cstddef>

#include "host/core/activation_info.hpp"

namespace gemmact::plan {

core::catalogue functions();

// y[i] = f(x[i]), dy_dx[i] = f'(x[i]) for i < count, on the host; either output may be null.
void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx);

}  // namespace gemmact::plan

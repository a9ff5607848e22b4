// The catalogue, with equations made into functions, and their evaluation, as the interface above needs them.
#pragma once
#include <cstddef>
#include <string>

#include "host/core/activation_info.hpp"

namespace gemmact::plan {

core::catalogue functions();

// y[i] = f(x[i]), dy_dx[i] = f'(x[i]) for i < count, on the host; either output may be null.
void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx);

// The text of the struct that a GPU's kernels are compiled with: an equation's, or the catalogue's file.
std::string source_of(const core::activation_use& use);

}  // namespace gemmact::plan

// Values for the inputs of a layer that is only to be timed: what a kernel costs depends on them (a GPU's clock follows its
// power, and zeros cost little).
#pragma once
#include <cstddef>
#include <span>

#include "host/core/problem.hpp"

namespace gemmact::core {

// Fills a tensor's bytes: numbers of the standard normal distribution, which repeat after a million; random bits of masks
// and winners; ones for scales, factors and parameters; 1 and -1 for targets. The same at each call.
void fill_sample(const problem& p, const tensor& t, std::span<std::byte> bytes);

}  // namespace gemmact::core

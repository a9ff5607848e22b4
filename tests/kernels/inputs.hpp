// The inputs that functions are measured on.
#pragma once
#include <cstdint>
#include <vector>

#include "tests/kernels/functions.hpp"

namespace gemmact::test {

// `count` finite f32 numbers, the same on every machine: two fifths random bits, the rest dense over [-1, 1], [-8, 8] and
// [-110, 110] (where exponentials under- and overflow).
std::vector<float> spread_inputs(size_t count, uint64_t seed);

// Infinities, zeros, subnormals, the largest, powers of two, every breakpoint and its neighbours.
std::vector<float> special_inputs(const setting& s);

// All values of a narrow type, NaN and the infinities that it has among them.
std::vector<float> all_f16();
std::vector<float> all_bf16();
std::vector<float> all_e4m3();

}  // namespace gemmact::test

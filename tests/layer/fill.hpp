// Values for a layer's inputs and for what its outputs are accumulated onto.
#pragma once
#include "tests/layer/layer.hpp"

namespace gemmact::test {

// Small integers and powers of two on which all sums are exact in f32 (oracle_options::exact). Values differ in every
// index; biases differ for each column or row and each batch entry.
void fill_integers(layer& l, uint64_t seed);

// Normally distributed, so that z has a spread of about two; parameters and scales near one.
void fill_random(layer& l, uint64_t seed);

// Normally distributed numbers, times `scale`, rounded to the type.
std::vector<double> normal_values(int64_t count, uint64_t seed, gemmact_type type = GEMMACT_F32, double scale = 1);

}  // namespace gemmact::test

// Values for a layer's inputs and for what its outputs are accumulated onto.
#pragma once
#include "tests/layer/layer.hpp"

namespace gemmact::test {

// Small integers and powers of two on which all sums are exact in f32 (oracle_options::exact). Values differ in every
// index; biases differ for each column or row and each batch entry.
void fill_integers(layer& l, uint64_t seed);

// Normally distributed, so that z has a spread of about two; parameters and scales near one.
void fill_random(layer& l, uint64_t seed);

}  // namespace gemmact::test

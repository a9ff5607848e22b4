// Random problems: sound ones of every operation, and the same with something spoilt.
#pragma once
#include "tests/host/sample_layer.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {

// Sizes up to 40, every operation and combination, random options, what resolve_keep says listed as KEPT.
sample_layer random_layer(random_source& random);

// Changes one or two things at random: a field, a tensor's field, a slot listed twice or left out.
void spoil(sample_layer& layer, random_source& random);

// An activation's text: mostly of the catalogue, sometimes damaged, sometimes nonsense. Static or kept for ever.
const char* random_text(random_source& random);

}  // namespace gemmact::test

#pragma once
#include "kernels/activation/activation.hpp"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// f(z)
template <class Act>
struct activate {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    const Act f = activation::make<Act>(p.activation);
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) s.value[j] = f(s.value[j]);
  }
};

}  // namespace gemmact::epilogue

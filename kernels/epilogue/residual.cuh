#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// f(z) + R
template <class T>
struct residual {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    tile::load_strip<T>(tile::place<T>(p.residual, s.row, s.col), p.residual.vector != 0, s.valid,
                        [&](int j, float r) { s.value[j] += r; });
  }
};

}  // namespace gemmact::epilogue

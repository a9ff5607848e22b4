#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// Y, rounded to T.
template <class T>
struct store {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    tile::store_strip<T>(tile::place<T>(p.y, s.row, s.col), p.y.vector != 0, s);
  }
};

}  // namespace gemmact::epilogue

#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// The value as it is here, rounded to T: Y at the end; KEPT before activate (z) or after it (f(z)); DX before what is below.
template <tile::matrix_view params::*which, class T>
struct store {
  GEMMACT_FN void apply(const params& p, auto& s) { tile::store_strip<T>(p.at<which>(s.product), s); }
};

}  // namespace gemmact::epilogue

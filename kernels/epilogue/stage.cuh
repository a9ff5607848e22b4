#pragma once
#include "kernels/arch/stmatrix/stmatrix.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/staged_strip.cuh"

namespace gemmact::epilogue {

// The value as it is here, rounded to T (16 bits), to the strip's place in shared memory: Y where TMA stores it.
template <class T>
struct stage {
  GEMMACT_FN void apply(const params&, tile::staged_strip& s) {
    array<u32, 4> packed;
    GEMMACT_UNROLL
    for (int q = 0; q < 4; ++q) packed[q] = tile::pack<T>(s.value[2 * q], s.value[2 * q + 1]);
    arch::stmatrix<false>(s.staged, packed);
  }
};

}  // namespace gemmact::epilogue

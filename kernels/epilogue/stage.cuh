#pragma once
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/stmatrix/stmatrix.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/staged_strip.cuh"

namespace gemmact::epilogue {

// += what TMA has brought to where Y is staged, of type T (16 bits): a residual.
template <class T>
struct add_staged {
  GEMMACT_FN void apply(const params&, tile::staged_strip& s) {
    array<u32, 4> packed;
    arch::ldmatrix<false>(packed, s.y);
    // All lanes have read before Y takes its place: "causes the executing thread to wait until all threads in the warp
    // execute the same ldmatrix" (PTX ISA), and stmatrix is of the whole warp, too.
    GEMMACT_UNROLL
    for (int q = 0; q < 4; ++q) {
      const array<float, 2> two = tile::unpack<T>(packed[q]);
      s.value[2 * q] += two[0];
      s.value[2 * q + 1] += two[1];
    }
  }
};

// The value as it is here, rounded to T (16 bits), to a place in shared memory from where TMA stores it: Y at the end; KEPT
// before activate (z) or after it (f(z)).
template <shared_address tile::staged_strip::*which, class T>
struct stage {
  GEMMACT_FN void apply(const params&, tile::staged_strip& s) {
    array<u32, 4> packed;
    GEMMACT_UNROLL
    for (int q = 0; q < 4; ++q) packed[q] = tile::pack<T>(s.value[2 * q], s.value[2 * q + 1]);
    arch::stmatrix<false>(s.*which, packed);
  }
};

}  // namespace gemmact::epilogue

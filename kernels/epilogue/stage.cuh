#pragma once
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/stmatrix/stmatrix.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/epilogue/values.cuh"
#include "kernels/tile/staged_strip.cuh"

namespace gemmact::epilogue {

// What TMA has brought to where Y (or what is kept) is staged, of type T (16 bits).
template <class T>
struct staged_values {
  array<u32, 4> packed;
  GEMMACT_FN explicit staged_values(shared_address row_of_lane) {
    arch::ldmatrix<false>(packed, row_of_lane);
    // All lanes have read before what is written takes its place: "causes the executing thread to wait until all threads
    // in the warp execute the same ldmatrix" (PTX ISA), and stmatrix is of the whole warp, too.
  }
  // Calls take(j, value) for each.
  template <class Take>
  GEMMACT_FN void each(const Take& take) const {
    GEMMACT_UNROLL
    for (int q = 0; q < 4; ++q) {
      const array<float, 2> two = tile::unpack<T>(packed[q]);
      take(2 * q, two[0]);
      take(2 * q + 1, two[1]);
    }
  }
};

// += it: a residual, or C without BETA.
template <class T>
struct add_staged {
  GEMMACT_FN void apply(const params&, tile::staged_strip& s) {
    staged_values<T>(s.y).each([&](int j, float v) { s.value[j] += v; });
  }
};

// += BETA * it: C.
template <class T>
struct add_staged_scaled {
  values<float, spread::scalar> beta;
  GEMMACT_FN void begin(const params& p, const auto& s) { beta.begin(p.beta, s); }
  GEMMACT_FN void apply(const params&, tile::staged_strip& s) {
    staged_values<T>(s.y).each([&](int j, float v) { s.value[j] += beta.one * v; });
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
    shared_address to = s.*which;
    if constexpr (which == &tile::staged_strip::kept) to = to + s.product * s.kept_pitch;
    arch::stmatrix<false>(to, packed);
  }
};

}  // namespace gemmact::epilogue

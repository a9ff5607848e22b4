// How matrices lie in the registers of a warp, for mma.sync, wgmma, ldmatrix and stmatrix.
#pragma once
#include "kernels/base/config.hpp"
#include "kernels/base/float_types.hpp"

namespace gemmact {

struct tf32 {};  // an operand's element in a 32-bit register, of which 10 mantissa bits count

template <class T>
inline constexpr u32 packed_elems = 4 / sizeof(T);  // in a register
template <>
inline constexpr u32 packed_elems<tf32> = 1;

struct tile_place {
  u32 row, col;
};

// Element `part` (0 lowest) of register `reg` of `lane`: of A (m, k), 16 rows.
template <class T>
GEMMACT_FN constexpr tile_place fragment_a(u32 lane, u32 reg, u32 part) {
  constexpr u32 p = packed_elems<T>;
  return {lane / 4 + 8 * (reg & 1), p * (lane % 4) + part + 4 * p * (reg >> 1)};
}
// ... of B (n, k), 8 columns of D.
template <class T>
GEMMACT_FN constexpr tile_place fragment_b(u32 lane, u32 reg, u32 part) {
  constexpr u32 p = packed_elems<T>;
  return {lane / 4, p * (lane % 4) + part + 4 * p * reg};
}
// ... of D (m, n), one f32 a register; n may be any multiple of 8, 4 registers each.
GEMMACT_FN constexpr tile_place fragment_d(u32 lane, u32 reg) {
  return {lane / 4 + 8 * ((reg >> 1) & 1), 8 * (reg >> 2) + 2 * (lane % 4) + (reg & 1)};
}

// Where the 16-bit half `half` (0 low) of register `reg` of `lane` lies in the 8x8 matrices of ldmatrix and stmatrix: in
// the row whose address lane `address_lane` gives, element `element` of its 8.
struct matrix_place {
  u32 address_lane, element;
};
GEMMACT_FN constexpr matrix_place place_in_matrix(bool transposed, u32 lane, u32 reg, u32 half) {
  const u32 own = lane / 4, pair = 2 * (lane % 4) + half;
  return transposed ? matrix_place{8 * reg + pair, own} : matrix_place{8 * reg + own, pair};
}

}  // namespace gemmact

// How gemm_sm80 multiplies a layer's operands: in which type, by what pieces, in which order.
#pragma once
#include <cstdint>

#include "kernels/families/facing.hpp"
#include "kernels/families/gemm_sm80/config.hpp"

namespace gemmact::families::gemm_sm80 {

// Of copies in pieces of 16 bytes, of a whole tile by one block.
inline constexpr config configs[] = {
#define GEMMACT_GEMM_SM80(...) {__VA_ARGS__},
#include "kernels/families/gemm_sm80/configs.inc"
#undef GEMMACT_GEMM_SM80
};

// Where mma.sync multiplies e4m3; on sm_90 and sm_100 it is made of conversions and products of f16.
inline bool multiplies_e4m3(int architecture) { return architecture == 89 || architecture >= 120; }

// Of its multiply-adds, to those of 16-bit operands.
inline double mma_rate(element type, int architecture) {
  if (type == element::e4m3) return multiplies_e4m3(architecture) ? 2 : 0.75;
  return type == element::f32 ? 0.5 : 1;
}

// Tensor cores sum products of e4m3 in fewer bits than f32 has: strictly, no more than this many in a row.
inline constexpr u32 strict_e4m3_bytes = 128;

inline config config_of(const layer& l, const candidate& chosen) {
  const facing f(l);
  const element type = f.a().type();
  config c = configs[chosen.config];
  const u32 piece = u32(common_piece(l, f.a(), f.b()));
  c.piece_bytes = piece >= 4 ? piece : u32(element_bytes(type));
  c.a_along_k = f.a().along_depth, c.b_along_k = f.b().along_depth;
  c.batched = l.batch > 1;
  c.splits = chosen.splits > 1;
  if (type == element::e4m3 && l.computed != compute::fp8_fast) c.promote_bytes = strict_e4m3_bytes;
  return c;
}

}  // namespace gemmact::families::gemm_sm80

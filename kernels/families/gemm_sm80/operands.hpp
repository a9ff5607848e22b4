// How gemm_sm80 multiplies a layer's operands: in which type, by what pieces, in which order.
#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/families/facing.hpp"
#include "kernels/families/gemm_sm80/config.hpp"
#include "kernels/families/tiled.hpp"
#include "kernels/tile/strip_layout.hpp"

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

// The same tile of several products beside each other, whose warps have all columns of their rows that products share.
inline config beside_each_other(config c, u32 parts) {
  const u32 warps = c.warps_m * c.warps_n, memory = c.stages * c.stage_bytes();
  const u32 width = std::max(power_below(c.block_n / parts), tile::strip_cols);
  c.parts = parts;
  c.block_n = parts * width;
  c.warps_n = std::min(c.warps_n, width / tile::strip_cols);
  c.warps_m = std::min(warps / c.warps_n, c.block_m / 16);
  c.stages = std::max(std::min(c.stages, memory / c.stage_bytes()), 2u);
  return c;
}

inline config config_of(const layer& l, int row, int splits) {
  const facing f(l);
  const element type = f.a().type();
  config c = configs[row];
  if (f.parts() > 1) c = beside_each_other(c, u32(f.parts()));
  const u32 piece = u32(common_piece(l, f.a(), f.b()));
  c.piece_bytes = piece >= 4 ? piece : u32(element_bytes(type));
  c.a_along_k = f.a().along_depth, c.b_along_k = f.b().along_depth;
  c.batched = f.entries() * f.outputs() * f.segments() > 1;
  c.splits = splits > 1;
  c.row_sums = l.what == operation::weight_grad && wanted_sums(l).count != 0;
  c.sums = l.what == operation::input_grad ? u32(wanted_sums(l).count) : 0;
  if (is_masked(l)) c.index_span = c.span_bytes / u32(element_bytes(type));
  if (type == element::e4m3 && l.computed != compute::fp8_fast) c.promote_bytes = strict_e4m3_bytes;
  return c;
}
inline config config_of(const layer& l, const candidate& chosen) { return config_of(l, chosen.config, chosen.splits); }

}  // namespace gemmact::families::gemm_sm80

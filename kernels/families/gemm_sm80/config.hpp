#pragma once
#include "kernels/base/config.hpp"
#include "kernels/tile/strip_layout.hpp"

namespace gemmact::families::gemm_sm80 {

// A block computes block_m x block_n of D in steps of span_bytes along k, by warps_m x warps_n warps.
struct config {
  u32 block_m, block_n;
  u32 span_bytes;  // of each row in a stage, along k: 64 or 128
  u32 stages;
  u32 warps_m, warps_n;
  u32 min_blocks;  // on a multiprocessor, which bounds the registers
  // From here on what the operands decide.
  u32 piece_bytes = 16;                     // of a copy: 16, 8, 4, or less where an element is less
  bool a_along_k = true, b_along_k = true;  // an operand's elements side by side; else along its rows
  bool batched = false;                     // units or stretches of k are of several batch entries or products
  bool splits = false;                      // blocks share a tile, each with a part of k
  u32 promote_bytes = 0;                    // along k, after which sums leave the tensor cores' accumulators; 0: never
  u32 parts = 1;                            // products that share A: each has block_n / parts columns of the tile
  u32 index_span = 0;  // bytes of a row in a stage, of A's indices: an element counts where its index is the product's
  bool row_sums = false;  // A's rows are summed over k, too
  u32 sums = 0;           // of each column that is written, over rows

  constexpr u32 threads() const { return 32 * warps_m * warps_n; }
  constexpr u32 part_n() const { return block_n / parts; }  // columns of D
  constexpr u32 warp_m() const { return block_m / warps_m; }
  constexpr u32 warp_n() const { return block_n / warps_n; }
  constexpr u32 stage_bytes() const { return (block_m + block_n) * span_bytes + block_m * index_span; }
  constexpr u32 strips_at() const { return stages * stage_bytes(); }
  constexpr u32 sums_at() const { return strips_at() + (parts == 1 ? threads() / 32 * tile::strip_shared_bytes : 0); }
  // Of rows, 32 at least: as many threads' sums go that way in the end.
  constexpr u32 sums_bytes() const {
    const u32 rows = block_m < 32 ? 32 : block_m;
    return 4 * (warps_m * sums * block_n + (row_sums ? rows : 0));
  }
  constexpr u32 answer_at() const { return sums_at() + sums_bytes(); }
  constexpr u32 shared_bytes() const { return answer_at() + (splits || sums_bytes() != 0 ? 16 : 0); }
};

}  // namespace gemmact::families::gemm_sm80

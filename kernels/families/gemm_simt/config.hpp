#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::families::gemm_simt {

// How an operand's slice along k lies in shared memory: [k][row] in f32, with the rows of some k exchanged, so that neither
// reading rows nor writing pieces along k has two threads in one bank.
struct slice_shape {
  u32 rows, depth;  // of the operand; along k
  u32 piece;        // elements beside each other in global memory that a thread copies at once: 1, 4 or 8
  bool along_k;     // where they are; else along the rows

  constexpr u32 pitch() const { return rows < 32 ? 32 : rows; }  // floats
  constexpr u32 bytes() const { return depth * pitch() * 4; }
};

// Threads beside each other that copy pieces of one row.
template <slice_shape shape>
inline constexpr u32 neighbours = shape.depth / shape.piece < 4 ? shape.depth / shape.piece : 4;

// What is xored to the row: a multiple of 8 below 32.
template <slice_shape shape>
GEMMACT_FN constexpr u32 row_swizzle(u32 k) {
  return shape.along_k ? k / shape.piece % neighbours<shape> * (32 / neighbours<shape>) : 0;
}

// A block computes block_m x block_n of D in slices of `depth` along k; a warp has a part of the rows and 32 columns.
struct config {
  u32 block_m, block_n;
  u32 depth;
  u32 warps_m;
  u32 min_blocks;  // on a multiprocessor, which bounds the registers
  // From here on what the operands decide.
  u32 piece = 1;  // as in slice_shape
  bool a_along_k = true, b_along_k = true;
  u32 parts = 1;          // products that share A: each has block_n / parts columns of the tile, a warp 32 of each
  bool splits = false;    // blocks share a tile, each with a part of k
  bool masked = false;    // an element of A counts where its index is the product's
  bool row_sums = false;  // A's rows are summed over k, too
  u32 sums = 0;           // of each column that is written, over rows

  constexpr u32 part_n() const { return block_n / parts; }  // columns of D
  constexpr u32 warps_n() const { return part_n() / 32; }
  constexpr u32 threads() const { return 32 * warps_m * warps_n(); }
  constexpr u32 warp_m() const { return block_m / warps_m; }
  constexpr slice_shape a() const { return {block_m, depth, piece, a_along_k}; }
  constexpr slice_shape b() const { return {part_n(), depth, piece, b_along_k}; }
  constexpr u32 stage_bytes() const { return a().bytes() + parts * b().bytes(); }
  // A warp's part of the epilogue's rows: 32 at once, or all; of one product.
  constexpr u32 strips_bytes() const { return (warp_m() < 32 ? warp_m() : 32) * 32 * 4; }
  constexpr u32 sums_at() const {
    const u32 stages = 2 * stage_bytes(), strips = threads() / 32 * parts * strips_bytes();
    return stages < strips ? strips : stages;
  }
  // Of rows, 32 at least: as many threads' sums go that way in the end.
  constexpr u32 sums_bytes() const {
    const u32 rows = block_m < 32 ? 32 : block_m;
    return 4 * (warps_m * sums * block_n + (row_sums ? rows : 0));
  }
  constexpr u32 answer_at() const { return sums_at() + sums_bytes(); }
  constexpr u32 shared_bytes() const { return answer_at() + (splits || sums_bytes() != 0 ? 16 : 0); }
};

}  // namespace gemmact::families::gemm_simt

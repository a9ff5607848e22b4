// What an epilogue is going to read of matrices, on its way to the second-level cache while the product is computed.
#pragma once
#include "kernels/arch/global/global.cuh"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::tile {

// The part of D that is meant, which begins inside of it; what lies outside is left out.
struct tile_part {
  u32 entry, row, rows, col, cols;
};

// By `threads` threads, of which this is number `thread`, a row each in turn.
GEMMACT_FN void read_ahead(const matrices_ahead& ahead, const tile_part& part, u32 threads, u32 thread) {
  constexpr u64 line = 128;
  GEMMACT_NO_UNROLL
  for (u32 i = 0; i < ahead.count; ++i) {
    const matrix_ahead& m = ahead.of[int(i)];
    const u32 past = part.cols < m.cols - part.col ? part.col + part.cols : m.cols;
    const u64 first = u64(part.col) * m.column_bits / 8, end = (u64(past) * m.column_bits + 7) / 8;
    GEMMACT_NO_UNROLL
    for (u32 r = thread; r < part.rows && part.row + r < m.rows; r += threads) {
      const u64 row = (m.base + (i64(part.entry) * m.batch_bytes + i64(part.row + r) * m.row_bytes)).value;
      // A row may begin anywhere in a line.
      GEMMACT_NO_UNROLL
      for (u64 at = row + first; at < row + end; at = at / line * line + line) arch::prefetch_global({at});
    }
  }
}

}  // namespace gemmact::tile

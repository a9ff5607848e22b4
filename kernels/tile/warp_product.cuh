// A warp's share of a block's product: D (+)= A B^T from stages of shared memory, by ldmatrix and mma.sync.
//
// A stage is multiplied in steps of 32 bytes along k, which every operand type has in a step of mma. Two sets of fragments
// take turns, so that a step's are loaded while the step before is multiplied; the last step of a stage loads the first of
// the next stage.
#pragma once
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/swizzle.hpp"

namespace gemmact::tile {

// `rows` x `cols` of D a warp. A and B are tiles with rows of `span` bytes along k, swizzled, aligned to 8 * span bytes.
template <class T, u32 rows, u32 cols, u32 span>
class warp_product {
 public:
  static constexpr int row_tiles = rows / 16, col_tiles = cols / 8, steps = span / 32;
  static_assert(rows % 16 == 0 && cols % 16 == 0 && steps % 2 == 0, "whole fragments, two of B at once; sets in turn");

  array<float, 4> sum[row_tiles][col_tiles];

  // The warp's rows of A and of B in their tiles.
  GEMMACT_FN warp_product(u32 a_row, u32 b_row) {
    const u32 lane = arch::lane_index();
    a_offset_ = a_row * span + swizzle<span>((lane % 16) * span + 16 * (lane / 16));
    b_offset_ = b_row * span + swizzle<span>((lane % 8 + 8 * (lane / 16)) * span + 16 * (lane / 8 % 2));
  }

  GEMMACT_FN void clear() {
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < col_tiles; ++j) sum[i][j] = {{0.0f, 0.0f, 0.0f, 0.0f}};
    }
  }

  // A step's 32 bytes change bits that the swizzle only inverts, so that they can be put in after it.
  GEMMACT_FN void load(shared_address a, shared_address b, int step) {
    fragments& f = held_[step % 2];
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i)
      arch::ldmatrix<false>(f.a[i], a + ((a_offset_ ^ (32 * u32(step))) + u32(i) * 16 * span));
    GEMMACT_UNROLL
    for (int j = 0; j < col_tiles / 2; ++j)
      arch::ldmatrix<false>(f.b[j], b + ((b_offset_ ^ (32 * u32(step))) + u32(j) * 16 * span));
  }

  GEMMACT_FN void multiply(int step) {
    const fragments& f = held_[step % 2];
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < col_tiles; ++j) {
        const array<u32, 2> b = {{f.b[j / 2][j % 2 * 2], f.b[j / 2][j % 2 * 2 + 1]}};
        arch::mma<T>(sum[i][j], f.a[i], b);
      }
    }
  }

 private:
  struct fragments {
    array<u32, 4> a[row_tiles];
    array<u32, 4> b[col_tiles / 2];  // two of B each
  };
  fragments held_[2];
  u32 a_offset_, b_offset_;  // of the row whose address this lane gives
};

}  // namespace gemmact::tile

// A warp's share of a block's product: D (+)= A B^T over one stage of shared memory, by ldmatrix and mma.sync, with the
// fragments of the next step under way while those of this one are multiplied.
#pragma once
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/swizzle.hpp"

namespace gemmact::tile {

// `rows` x `cols` of D a warp; A and B are tiles with rows of `span` bytes along k, swizzled. Every operand type has 32
// bytes of k in a step of mma.
template <class T, u32 rows, u32 cols, u32 span>
struct warp_product {
  static constexpr int row_tiles = rows / 16, col_tiles = cols / 8, steps = span / 32;
  static_assert(rows % 16 == 0 && cols % 16 == 0 && span >= 64,
                "whole fragments, two of B at once, two steps at least");

  array<float, 4> sum[row_tiles][col_tiles];

  GEMMACT_FN void clear() {
#pragma unroll
    for (int i = 0; i < row_tiles; ++i)
#pragma unroll
      for (int j = 0; j < col_tiles; ++j) sum[i][j] = {{0.0f, 0.0f, 0.0f, 0.0f}};
  }

  // `a` and `b`: where the warp's rows of the stage's tiles begin, aligned to 8 rows.
  GEMMACT_FN void add(shared_address a, shared_address b) {
    const u32 lane = arch::lane_index();
    const u32 a_lane = swizzle<span>((lane % 16) * span + 16 * (lane / 16));
    const u32 b_lane = swizzle<span>((lane % 8 + 8 * (lane / 16)) * span + 16 * (lane / 8 % 2));
    fragments now[2];
    now[0].load(a, b, a_lane, b_lane, 0);
#pragma unroll
    for (int step = 0; step < steps; ++step) {
      if (step + 1 < steps) now[(step + 1) % 2].load(a, b, a_lane, b_lane, u32(step + 1));
      multiply(now[step % 2]);
    }
  }

 private:
  struct fragments {
    array<u32, 4> a[row_tiles];
    array<u32, 4> b[col_tiles / 2];  // two of B each

    // A step's 32 bytes change bits that the swizzle only inverts, so that they can be put in after it.
    GEMMACT_FN void load(shared_address a_rows, shared_address b_rows, u32 a_lane, u32 b_lane, u32 step) {
#pragma unroll
      for (int i = 0; i < row_tiles; ++i)
        arch::ldmatrix<false>(a[i], a_rows + (u32(i) * 16 * span + (a_lane ^ (32 * step))));
#pragma unroll
      for (int j = 0; j < col_tiles / 2; ++j)
        arch::ldmatrix<false>(b[j], b_rows + (u32(j) * 16 * span + (b_lane ^ (32 * step))));
    }
  };

  GEMMACT_FN void multiply(const fragments& f) {
#pragma unroll
    for (int i = 0; i < row_tiles; ++i) {
#pragma unroll
      for (int j = 0; j < col_tiles; ++j) {
        const array<u32, 2> b = {{f.b[j / 2][j % 2 * 2], f.b[j / 2][j % 2 * 2 + 1]}};
        arch::mma<T>(sum[i][j], f.a[i], b);
      }
    }
  }
};

}  // namespace gemmact::tile

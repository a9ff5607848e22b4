// Y = epilogue(X W^T) by mma.sync, for sm_80 and later.
//
//   z[i, j] = sum over l of x[i, l] w[j, l],   X m x k, W n x k, both row-major; f32 sums
//
// Shared memory:  stage 0 .. stages-1     each: block_m rows of X, then block_n rows of W, span_bytes along k, swizzled
//                 warps x warp_strips     each warp's own, for its epilogue
//
// Who waits for what: a stage is filled by cp.async, a group of copies a step. Before step s each thread waits for its own
// copies of that step, then the block meets: now all copies of step s have landed, and no warp reads the stage of step
// s - 1 any more, which the copies for step s + stages - 1 fill while step s is multiplied.
//
// Blocks are persistent: block b works on tiles b, b + blocks, ... of the order, and the copies run ahead into the next
// tile while a tile's epilogue is at work.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_sm80/config.hpp"
#include "kernels/families/gemm_sm80/params.hpp"
#include "kernels/tile/tile_loader.cuh"
#include "kernels/tile/warp_product.cuh"
#include "kernels/tile/warp_strips.cuh"

namespace gemmact::families::gemm_sm80 {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gemm_sm80::params;
  static constexpr u32 threads = c.threads(), min_blocks = c.min_blocks;
  static constexpr u32 warp_m = c.warp_m(), warp_n = c.warp_n(), stage_bytes = c.stage_bytes();
  static constexpr u32 strips_at = c.strips_at(), shared_bytes = c.shared_bytes();
  static_assert(warp_n % tile::warp_strips::cols == 0 && c.stages >= 2, "a warp has whole slices");

  using product = tile::warp_product<T, warp_m, warp_n, c.span_bytes>;
  using x_loader = tile::tile_loader<c.block_m, c.span_bytes, c.piece_bytes, threads>;
  using w_loader = tile::tile_loader<c.block_n, c.span_bytes, c.piece_bytes, threads>;

  static GEMMACT_FN void run(const params& p) {
    cursor copies{arch::block_index(), 0, 0};
    for (u32 s = 0; s + 1 < c.stages; ++s) copy_step(p, copies);
    product z;
    u32 stage = 0;
    for (u32 index = arch::block_index(); index < p.order.count(); index += arch::block_count()) {
      z.clear();
      for (u32 step = 0; step < p.k_blocks; ++step) {
        arch::cp_async_wait<int(c.stages) - 2>();
        arch::sync_block();
        copy_step(p, copies);
        multiply(z, stage);
        stage = next(stage);
      }
      finish(p, p.order[index], z);
    }
    arch::cp_async_wait<0>();
  }

 private:
  // The next step to be copied.
  struct cursor {
    u32 index, step;  // of the tile and within it
    u32 stage;
  };

  static GEMMACT_FN u32 next(u32 stage) { return stage + 1 == c.stages ? 0 : stage + 1; }

  static GEMMACT_FN void copy_step(const params& p, cursor& at) {
    if (at.index < p.order.count()) {
      const tile::tile_place place = p.order[at.index];
      const shared_address to = arch::dynamic_shared() + at.stage * stage_bytes;
      x_loader::load(to, p.x, place.row * c.block_m, at.step * c.span_bytes);
      w_loader::load(to + x_loader::bytes, p.w, place.col * c.block_n, at.step * c.span_bytes);
      at.stage = next(at.stage);
      if (++at.step == p.k_blocks) {
        at.step = 0;
        at.index += arch::block_count();
      }
    }
    arch::cp_async_commit();  // an empty one at the end: the waits count groups
  }

  static GEMMACT_FN u32 warp_row() { return arch::warp_index() / c.warps_n * warp_m; }
  static GEMMACT_FN u32 warp_col() { return arch::warp_index() % c.warps_n * warp_n; }

  static GEMMACT_FN void multiply(product& z, u32 stage) {
    const shared_address x = arch::dynamic_shared() + stage * stage_bytes;
    z.add(x + warp_row() * c.span_bytes, x + (x_loader::bytes + warp_col() * c.span_bytes));
  }

  static GEMMACT_FN void finish(const params& p, tile::tile_place place, const product& z) {
    using tile::warp_strips;
    const shared_address own = arch::dynamic_shared() + (strips_at + arch::warp_index() * tile::strip_shared_bytes);
    const u32 row = place.row * c.block_m + warp_row(), col = place.col * c.block_n + warp_col();
#pragma unroll
    for (int i = 0; i < product::row_tiles; ++i) {
#pragma unroll
      for (int j = 0; j < product::col_tiles; j += 4) {
        arch::sync_warp();  // the strips before these have been taken
        warp_strips::put(own, &z.sum[i][j]);
        arch::sync_warp();
#pragma unroll 1
        for (int number = 0; number < warp_strips::strips; ++number) {
          tile::strip s = warp_strips::take(own, number);
          s.row += row + 16 * u32(i);
          s.col += col + 8 * u32(j);
          const u32 left = s.row < p.m && s.col < p.n ? p.n - s.col : 0;
          s.valid = left < tile::strip_width ? left : tile::strip_width;
          Epilogue::apply(p.out, s);
        }
      }
    }
  }
};

}  // namespace gemmact::families::gemm_sm80

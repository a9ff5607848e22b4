// Y = epilogue(X W^T) by mma.sync, for sm_80 and later.
//
//   z[i, j] = sum over l of x[i, l] w[j, l],   X m x k, W n x k, both row-major; f32 sums
//
// Shared memory:  stage 0 .. stages-1     each: block_m rows of X, then block_n rows of W, span_bytes along k, swizzled
//                 warps x strip_shared    each warp's own, for its epilogue
//
// Who waits for what: a stage is filled by cp.async, a group of copies each. Before stage s is read each thread waits for
// its own copies of it, then the block meets: now all of stage s has landed, and no warp reads stage s - 1 any more, which
// the copies that come next fill. In the epilogue a warp meets by itself before and after it fills its own memory; not
// before a tile's first strips, as the block has met since those of the tile before were taken. Copies in pieces of 2 bytes
// are plain stores, which the block's meeting orders: there are no groups to commit and to wait for.
//
// Blocks are persistent: block b works on tiles b, b + blocks, ... of the order, and the copies run ahead into the next
// tile while a tile's epilogue is at work.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_sm80/config.hpp"
#include "kernels/families/gemm_sm80/params.hpp"
#include "kernels/tile/stage_ring.hpp"
#include "kernels/tile/tile_loader.cuh"
#include "kernels/tile/warp_product.cuh"
#include "kernels/tile/warp_strips.cuh"

namespace gemmact::families::gemm_sm80 {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gemm_sm80::params;
  static constexpr u32 threads = c.threads(), min_blocks = c.min_blocks, shared_bytes = c.shared_bytes();

  static GEMMACT_FN void run(const params& p) {
    copier copies(p);
    for (u32 s = 0; s + 1 < c.stages; ++s) copies.next(p);
    const u32 warp = arch::warp_index();
    const u32 row = warp / c.warps_n * warp_m, col = warp % c.warps_n * warp_n;
    product z(row, col);
    ring at;
    for (u32 index = arch::block_index(); index < p.order.count(); index += arch::block_count()) {
      accumulate(p, copies, at, z);
      const tile::tile_place place = p.order[index];
      const u32 own = strips_at + warp * tile::strip_shared_bytes;
      finish(p, place.row * c.block_m + row, place.col * c.block_n + col, arch::dynamic_shared() + own, z);
    }
  }

 private:
  static constexpr u32 warp_m = c.warp_m(), warp_n = c.warp_n(), strips_at = c.strips_at();
  using ring = tile::stage_ring<c.stages, c.stage_bytes()>;
  using product = tile::warp_product<T, warp_m, warp_n, c.span_bytes>;
  using x_loader = tile::tile_loader<c.block_m, c.span_bytes, c.piece_bytes, threads>;
  using w_loader = tile::tile_loader<c.block_n, c.span_bytes, c.piece_bytes, threads>;
  static_assert(warp_n % tile::strip_cols == 0 && c.stages >= 2, "a warp has whole slices");

  // What is copied next.
  struct copier {
    x_loader x;
    w_loader w;
    ring to;
    u32 index = arch::block_index(), byte = 0;  // the tile, and how far along k

    GEMMACT_FN explicit copier(const params& p) { enter(p); }

    GEMMACT_FN void enter(const params& p) {
      const tile::tile_place place = p.order[index];
      x.enter(p.x, place.row * c.block_m);
      w.enter(p.w, place.col * c.block_n);
    }

    GEMMACT_FN void next(const params& p) {
      if (index < p.order.count()) {
        const shared_address stage = arch::dynamic_shared() + to.offset;
        x.load(stage, p.x, byte);
        w.load(stage + x_loader::bytes, p.w, byte);
        to.advance();
        byte += c.span_bytes;
        if (byte >= p.x.width) {
          byte = 0;
          index += arch::block_count();
          if (index < p.order.count()) enter(p);
        }
      }
      if constexpr (x_loader::asynchronous) arch::cp_async_commit();  // an empty one at the end: the waits count groups
    }
  };

  // Until the stage that is read next has landed, and the one before it is free.
  static GEMMACT_FN void meet() {
    if constexpr (x_loader::asynchronous) arch::cp_async_wait<c.stages - 2>();
    arch::sync_block();
  }

  static GEMMACT_FN void load(product& z, ring at, int step) {
    const shared_address stage = arch::dynamic_shared() + at.offset;
    z.load(stage, stage + x_loader::bytes, step);
  }

  static GEMMACT_FN void accumulate(const params& p, copier& copies, ring& at, product& z) {
    z.clear();
    meet();
    load(z, at, 0);
    for (u32 left = p.stages; left != 0; --left) {
      copies.next(p);
      GEMMACT_UNROLL
      for (int step = 0; step < product::steps; ++step) {
        if (step + 1 < product::steps) {
          load(z, at, step + 1);
        } else {
          at.advance();
          if (left != 1) {
            meet();
            load(z, at, 0);
          }
        }
        z.multiply(step);
      }
    }
  }

  // The warp's part of the tile, which begins at row `row` and column `col` of Y.
  static GEMMACT_FN void finish(const params& p, u32 row, u32 col, shared_address own, const product& z) {
    using tile::warp_strips;
    Epilogue steps;
    GEMMACT_UNROLL
    for (int j = 0; j < product::col_tiles / 4; ++j) {
      const u32 slice_col = col + u32(j) * tile::strip_cols, strip_col = slice_col + warp_strips::lane_col();
      const u32 left = strip_col < p.n ? p.n - strip_col : 0;
      const u32 valid = left < tile::strip_width ? left : tile::strip_width;
      if (slice_col >= p.n) break;
      steps.begin(p.out, strip_col, valid);
      GEMMACT_UNROLL
      for (int i = 0; i < product::row_tiles; ++i) {
        const u32 slice_row = row + u32(i) * tile::strip_rows;
        if (slice_row >= p.m) break;
        if (i + j != 0) arch::sync_warp();  // the strips before these have been taken
        warp_strips::put(own, &z.sum[i][4 * j]);
        arch::sync_warp();
        GEMMACT_NO_UNROLL
        for (int number = 0; number < warp_strips::strips; ++number) {
          tile::strip s = warp_strips::take(own, number);
          s.row += slice_row;
          s.col = strip_col;
          s.valid = s.row < p.m ? valid : 0;
          steps.apply(p.out, s);
        }
      }
    }
  }
};

}  // namespace gemmact::families::gemm_sm80

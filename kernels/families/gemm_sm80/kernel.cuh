// What is written = epilogue(A B^T) by mma.sync, for sm_80 and later.
//
//   z[i, j] = sum over l of a[i, l] b[j, l],   A m x k, B n x k, each along k or along its rows; f32 sums
//
// Shared memory:  stage 0 .. stages-1     each: block_m rows of A, then block_n rows of B, span_bytes along k, swizzled
//                 warps x strip_shared    each warp's own, for its epilogue
//                 16 bytes                with splits: whether this block is a tile's last
//
// Who waits for what: a stage is filled by cp.async, a group of copies each. Before stage s is read each thread waits for
// its own copies of it, then the block meets: now all of stage s has landed, and no warp reads stage s - 1 any more, which
// the copies that come next fill. In the epilogue a warp meets by itself before and after it fills its own memory; not
// before a tile's first strips, as the block has met since those of the tile before were taken. Copies in pieces below 4
// bytes are plain stores, which the block's meeting orders: there are no groups to commit and to wait for.
//
// Blocks are persistent: block b works on units b, b + blocks, ... and the copies run ahead into the next unit while an
// epilogue is at work. A unit is a tile of a batch entry or, with splits, some of its stages: then the block that has a
// tile's last sums gathers all of them (kernels/tile/shared_sums.cuh) and applies the epilogue.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_sm80/config.hpp"
#include "kernels/families/gemm_sm80/params.hpp"
#include "kernels/tile/shared_sums.cuh"
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
    for (u32 index = arch::block_index(); index < unit::count(p.work); index += arch::block_count()) {
      const unit u(p.work, index);
      accumulate(p, copies, at, u.stages(p.work), z);
      if constexpr (c.splits) {
        const shared_address answer = arch::dynamic_shared() + answer_at;
        const auto meet = [] { arch::sync_block(); };
        if (!tile::gather<threads>(p.sums, p.work, u, arch::thread_index(), answer, z, meet)) continue;
      }
      const u32 own = strips_at + warp * tile::strip_shared_bytes;
      finish(p, u, row, col, arch::dynamic_shared() + own, z);
    }
    Epilogue::finish(p.out);
  }

 private:
  static constexpr u32 warp_m = c.warp_m(), warp_n = c.warp_n(), strips_at = c.strips_at(), answer_at = c.answer_at();
  static constexpr u32 element_bytes = tile::operand_bytes<T>;
  static constexpr bool promotes = c.promote_bytes != 0;
  using unit = tile::work_unit<c.batched, c.splits>;
  using ring = tile::stage_ring<c.stages, c.stage_bytes()>;
  using product = tile::warp_product<T, tile::product_shape{c.block_m, c.block_n, warp_m, warp_n, c.span_bytes,
                                                            c.a_along_k, c.b_along_k, promotes}>;
  using a_loader = tile::tile_loader<c.block_m, c.span_bytes, element_bytes, c.piece_bytes, threads, c.a_along_k>;
  using b_loader = tile::tile_loader<c.block_n, c.span_bytes, element_bytes, c.piece_bytes, threads, c.b_along_k>;
  static_assert(warp_n % tile::strip_cols == 0 && c.stages >= 2, "a warp has whole slices");

  // What is copied next.
  struct copier {
    a_loader a;
    b_loader b;
    ring to;
    u32 index = arch::block_index(), stage = 0, end = 0;  // the unit; along k, up to where the unit ends

    GEMMACT_FN explicit copier(const params& p) { enter(p); }

    GEMMACT_FN void enter(const params& p) {
      const unit u(p.work, index);
      const tile::tile_place place = u.place(p.work);
      a.enter(p.a, u.batch, place.row * c.block_m);
      b.enter(p.b, u.batch, place.col * c.block_n);
      stage = u.first_stage(p.work);
      end = stage + u.stages(p.work);
    }

    GEMMACT_FN void next(const params& p) {
      if (index < unit::count(p.work)) {
        const shared_address at = arch::dynamic_shared() + to.offset;
        a.load(at, p.a, stage);
        b.load(at + a_loader::bytes, p.b, stage);
        to.advance();
        if (++stage == end) {
          index += arch::block_count();
          if (index < unit::count(p.work)) enter(p);
        }
      }
      if constexpr (a_loader::asynchronous) arch::cp_async_commit();  // an empty one at the end: the waits count groups
    }
  };

  // Until the stage that is read next has landed, and the one before it is free.
  static GEMMACT_FN void meet() {
    if constexpr (a_loader::asynchronous) arch::cp_async_wait<c.stages - 2>();
    arch::sync_block();  // everybody's part of the stage is there
  }

  static GEMMACT_FN void load(product& z, ring at, int step) {
    const shared_address stage = arch::dynamic_shared() + at.offset;
    z.load(stage, stage + a_loader::bytes, step);
  }

  static GEMMACT_FN void accumulate(const params& p, copier& copies, ring& at, u32 stages, product& z) {
    z.clear();
    meet();
    load(z, at, 0);
    for (u32 left = stages; left != 0; --left) {
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
      if constexpr (promotes) {
        // Counted from the beginning of k, so that the order of sums is that of every tile.
        constexpr u32 every = c.promote_bytes / c.span_bytes;
        if (left == 1 || (stages - left) % every == every - 1) z.promote();
      }
    }
  }

  // The warp's part of the tile, which begins at row `row` and column `col` of it.
  static GEMMACT_FN void finish(const params& p, const unit& u, u32 row, u32 col, shared_address own,
                                const product& z) {
    using tile::warp_strips;
    const tile::tile_place tile = u.place(p.work);
    row += tile.row * c.block_m;
    col += tile.col * c.block_n;
    Epilogue steps;
    GEMMACT_UNROLL
    for (int j = 0; j < product::col_tiles / 4; ++j) {
      const u32 slice_col = col + u32(j) * tile::strip_cols;
      const auto place = tile::strip_place::make(u.batch, slice_col + warp_strips::lane_col(), p.n);
      if (slice_col >= p.n) break;
      steps.begin(p.out, place);
      GEMMACT_UNROLL
      for (int i = 0; i < product::row_tiles; ++i) {
        const u32 slice_row = row + u32(i) * tile::strip_rows;
        if (slice_row >= p.m) break;
        if (i + j != 0) arch::sync_warp();  // the strips before these have been taken
        warp_strips::put(own, &z.sum[i][4 * j]);
        arch::sync_warp();
        GEMMACT_NO_UNROLL
        for (int number = 0; number < warp_strips::strips; ++number) {
          tile::strip s = warp_strips::take(own, number, place);
          s.row += slice_row;
          if (s.row >= p.m) s.valid = 0;
          steps.apply(p.out, s);
        }
      }
    }
    steps.end(p.out, u.batch);
  }
};

}  // namespace gemmact::families::gemm_sm80

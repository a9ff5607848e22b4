// What is written = epilogue(A B^T) by mma.sync, for sm_80 and later.
//
//   z[i, j] = sum over l of a[i, l] b[j, l],   A m x k, B n x k, each along k or along its rows; f32 sums
//
// Of several products that share A, B has `parts` tiles beside each other, and a thread the sums of all products' z[i, j].
// Else those of a pair or a maxout, or a batch's entries, are stretches of k with operands of their own, one after the other,
// or have a D each (tile/turns.hpp).
//
// Shared memory:  stage 0 .. stages-1     each: block_m rows of A, then block_n rows of B, span_bytes along k, swizzled; then
//                                         of a maxout's dY the indices of A's elements, laid out as those
//                 warps x strip_shared    each warp's own, for its epilogue; not of products beside each other, whose strips
//                                         are what registers have
//                 warps_m x sums x block_n, or block_m, f32: sums over rows (kernels/epilogue/column_sums.cuh)
//                 16 bytes                whether this block is the last of a tile that is split, or of a sum
//
// Who waits for what: a stage is filled by cp.async, a group of copies each. Before stage s is read each thread waits for
// its own copies of it, then the block meets: now all of stage s has landed, and no warp reads stage s - 1 any more, which
// the copies that come next fill. Of a maxout each thread first makes 0 of what it has copied of A for other winners. In the epilogue a warp meets by itself before and after it fills its own memory; not
// before a tile's first strips, as the block has met since those of the tile before were taken. Copies in pieces below 4
// bytes are plain stores, which the block's meeting orders: there are no groups to commit and to wait for.
//
// Blocks are persistent: block b works on units b, b + blocks, ... and the copies run ahead into the next unit while an
// epilogue is at work. A unit is a tile of a batch entry or, with splits, some of its stages: then the block that has a
// tile's last sums gathers all of them (kernels/tile/shared_sums.cuh) and applies the epilogue.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/column_sums.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_sm80/config.hpp"
#include "kernels/families/gemm_sm80/params.hpp"
#include "kernels/tile/read_ahead.cuh"
#include "kernels/tile/shared_sums.cuh"
#include "kernels/tile/stage_ring.hpp"
#include "kernels/tile/staged_strip.cuh"
#include "kernels/tile/tile_loader.cuh"
#include "kernels/tile/turns.hpp"
#include "kernels/tile/warp_product.cuh"
#include "kernels/tile/warp_strips.cuh"
#include "kernels/tile/winners.cuh"

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
      read_ahead(p, u);
      accumulate(p, copies, at, u, z);
      if constexpr (c.row_sums) leave_row_sums(p, u, row, z);
      if constexpr (c.splits) {
        const auto block_meets = [] { arch::sync_block(); };
        if (!tile::gather<threads>(p.sums, p.work, u, arch::thread_index(), answer(), z, block_meets)) continue;
      }
      if constexpr (c.parts == 1) {
        const u32 own = strips_at + warp * tile::strip_shared_bytes;
        finish(p, u, row, col, arch::dynamic_shared() + own, z);
        if constexpr (c.sums != 0) leave_sums(p, u);
      } else {
        finish_products(p, u, row, col, z);
      }
    }
    Epilogue::finish(p.out);
  }

 private:
  static constexpr u32 warp_m = c.warp_m(), strips_at = c.strips_at();
  static constexpr u32 sums_at = c.sums_at(), answer_at = c.answer_at();
  static constexpr u32 warp_n = c.warp_n() / c.parts, part_n = c.part_n();  // of each part
  static constexpr u32 element_bytes = tile::operand_bytes<T>;
  static constexpr bool promotes = c.promote_bytes != 0, masked = c.index_span != 0;
  using unit = tile::work_unit<c.batched, c.splits>;
  using ring = tile::stage_ring<c.stages, c.stage_bytes()>;
  using product = tile::warp_product<T, tile::product_shape{c.block_m, c.block_n, warp_m, c.warp_n(), c.span_bytes,
                                                            c.a_along_k, c.b_along_k, promotes, c.parts, c.row_sums}>;
  using a_loader = tile::tile_loader<c.block_m, c.span_bytes, element_bytes, c.piece_bytes, threads, c.a_along_k>;
  using b_loader = tile::tile_loader<part_n, c.span_bytes, element_bytes, c.piece_bytes, threads, c.b_along_k>;
  static constexpr u32 b_at = a_loader::bytes, index_at = b_at + c.parts * b_loader::bytes;
  // Fragments of a step while the step before is multiplied, if registers have room for both.
  static constexpr bool loads_ahead = product::col_tiles <= 24;
  static_assert(warp_n % tile::strip_cols == 0 && c.stages >= 2, "a warp has whole slices");

  struct no_indices {};
  using index_loader =
      select_type<masked,
                  tile::tile_loader<c.block_m, c.index_span, 1, c.piece_bytes / element_bytes, threads, c.a_along_k>,
                  no_indices>;

  // Whose tensors a unit is about.
  struct owner {
    u32 entry = 0, product = 0;
    GEMMACT_FN owner(const params& p, const unit& u) {
      if constexpr (c.batched) entry = p.work.entry(u.batch), product = p.work.product(u.batch);
    }
  };

  static GEMMACT_FN void read_ahead(const params& p, const unit& u) {
    const tile::tile_place place = u.place(p.work);
    const u32 row = place.row * c.block_m, col = place.col * part_n;
    tile::read_ahead(p.out.ahead, {owner(p, u).entry, row, c.block_m, col, part_n}, threads, arch::thread_index());
  }

  // What is copied next.
  struct copier {
    a_loader a;
    b_loader b;
    index_loader indices;
    ring to;
    tile::turn next_stage{};
    u32 index = arch::block_index(), left = 0;  // the unit; its stages that are not copied yet

    GEMMACT_FN explicit copier(const params& p) { enter(p); }

    GEMMACT_FN void enter(const params& p) {
      const unit u(p.work, index);
      const owner of(p, u);
      const tile::tile_place place = u.place(p.work);
      a.enter(p.a, of.entry, place.row * c.block_m);
      b.enter(p.b, of.entry, place.col * part_n);
      if constexpr (masked) indices.enter(p.index, of.entry, place.row * c.block_m);
      if constexpr (c.batched) next_stage = tile::turn::make(p.work, u.batch, u.first_stage(p.work));
      else next_stage.stage = u.first_stage(p.work);
      left = u.stages(p.work);
    }

    GEMMACT_FN void copy(const params& p) const {
      const shared_address at = arch::dynamic_shared() + to.offset;
      const u32 stage = next_stage.stage;
      const auto more = [&](const tile::byte_matrix& of, const tile::operand_places& places) {
        return c.batched ? next_stage.bytes(p.work, places, of.batch_bytes) : 0;
      };
      a.load(at, p.a, stage, more(p.a, p.a_of));
      if constexpr (c.parts == 1) {
        b.load(at + b_at, p.b, stage, more(p.b, p.b_of));
      } else {
        GEMMACT_UNROLL
        for (u32 part = 0; part < c.parts; ++part)
          b.load(at + (b_at + part * b_loader::bytes), p.b, stage, p.b_of.product[int(part)]);
      }
      if constexpr (masked) {
        indices.load(at + index_at, p.index, stage, next_stage.entry_bytes(p.work, p.index.batch_bytes));
      }
    }

    GEMMACT_FN void next(const params& p) {
      if (index < unit::count(p.work)) {
        copy(p);
        to.advance();
        if constexpr (c.batched) next_stage.advance(p.work);
        else ++next_stage.stage;
        if (--left == 0) {
          index += arch::block_count();
          if (index < unit::count(p.work)) enter(p);
        }
      }
      if constexpr (a_loader::asynchronous) arch::cp_async_commit();  // an empty one at the end: the waits count groups
    }
  };

  // Until the stage that is read next has landed, and the one before it is free. A counts for product `number`.
  static GEMMACT_FN void meet(ring at, u32 number) {
    if constexpr (a_loader::asynchronous) arch::cp_async_wait<c.stages - 2>();
    if constexpr (masked) {
      const shared_address stage = arch::dynamic_shared() + at.offset;
      tile::winners<a_loader, index_loader, element_bytes>::mask(stage, stage + index_at, number);
    }
    arch::sync_block();  // everybody's part of the stage is there
  }

  static GEMMACT_FN void load(product& z, ring at, int step) {
    const shared_address stage = arch::dynamic_shared() + at.offset;
    z.load(stage, stage + b_at, step);
  }

  static GEMMACT_FN void accumulate(const params& p, copier& copies, ring& at, const unit& u, product& z) {
    const u32 stages = u.stages(p.work);
    [[maybe_unused]] bool sums_rows = false;
    if constexpr (c.row_sums) sums_rows = row_sum_of(p, u) >= 0 && arch::warp_index() % c.warps_n == 0;
    tile::turn turn{};
    if constexpr (masked) turn = tile::turn::make(p.work, u.batch, u.first_stage(p.work));
    z.clear();
    meet(at, turn.number(p.work));
    if constexpr (loads_ahead) load(z, at, 0);
    const auto next_stage = [&](bool any) {
      at.advance();
      if (!any) return;
      if constexpr (masked) turn.advance(p.work);
      meet(at, turn.number(p.work));
      if constexpr (loads_ahead) load(z, at, 0);
    };
    for (u32 left = stages; left != 0; --left) {
      copies.next(p);
      GEMMACT_UNROLL
      for (int step = 0; step < product::steps; ++step) {
        if constexpr (loads_ahead) {
          if (step + 1 < product::steps) load(z, at, step + 1);
          else next_stage(left != 1);
        } else {
          load(z, at, step);
        }
        if constexpr (c.row_sums)
          if (sums_rows) z.sum_rows(step);
        z.multiply(step);
      }
      if constexpr (!loads_ahead) next_stage(left != 1);
      if constexpr (promotes) {
        // Counted from the beginning of k, so that the order of sums is that of every tile.
        constexpr u32 every = c.promote_bytes / c.span_bytes;
        if (left == 1 || (stages - left) % every == every - 1) z.promote();
      }
    }
  }

  static GEMMACT_FN shared_address answer() { return arch::dynamic_shared() + answer_at; }
  static GEMMACT_FN shared_address sums() { return arch::dynamic_shared() + sums_at; }

  // Which sum A's rows have in this unit, which is of the first tiles of their rows; below 0: none.
  static GEMMACT_FN int row_sum_of(const params& p, const unit& u) {
    return u.place(p.work).col == 0 ? p.row_sum_of[int(owner(p, u).product)] : -1;
  }

  static GEMMACT_FN void leave_row_sums(const params& p, const unit& u, u32 row, const product& z) {
    constexpr epilogue::sums_shape shape{threads, 1, 1, c.block_m};
    const int number = row_sum_of(p, u);
    if (number < 0) return;
    if (arch::warp_index() % c.warps_n == 0) {
      GEMMACT_UNROLL
      for (int half = 0; half < 2 * product::row_tiles; ++half) {
        const float sum = z.row_sum(half / 2, half % 2);
        if (arch::lane_index() % 4 == 0)
          arch::store_shared(sums() + 4 * (row + 8 * u32(half) + arch::lane_index() / 4), sum);
      }
    }
    const u32 group = u.place(p.work).row;
    leave<shape>(p, {group, owner(p, u).entry, u.split, group * c.block_m, u32(number)});
  }

  static GEMMACT_FN void leave_sums(const params& p, const unit& u) {
    constexpr epilogue::sums_shape shape{threads, c.warps_m, c.sums, c.block_n};
    const tile::tile_place tile = u.place(p.work);
    leave<shape>(p, {tile.col, owner(p, u).entry, tile.row, tile.col * c.block_n});
  }

  template <epilogue::sums_shape shape>
  static GEMMACT_FN void leave(const params& p, const epilogue::sums_place& at) {
    const auto block_meets = [] { arch::sync_block(); };
    epilogue::leave_sums<shape>(p.out.sum, at, sums(), arch::thread_index(), answer(), block_meets);
  }

  // The warp's part of the tile, which begins at row `row` and column `col` of it.
  static GEMMACT_FN void finish(const params& p, const unit& u, u32 row, u32 col, shared_address own,
                                const product& z) {
    using tile::warp_strips;
    const tile::tile_place tile = u.place(p.work);
    const owner of(p, u);
    [[maybe_unused]] const shared_address own_sums = sums() + 4 * (row / warp_m * c.sums * c.block_n + col);
    row += tile.row * c.block_m;
    col += tile.col * c.block_n;
    Epilogue steps;
    GEMMACT_UNROLL
    for (int j = 0; j < product::col_tiles / 4; ++j) {
      const u32 slice_col = col + u32(j) * tile::strip_cols;
      const auto place = tile::strip_place::make(of.entry, slice_col + warp_strips::lane_col(), p.n, of.product);
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
      if constexpr (c.sums != 0)
        steps.columns_done(p.out, place, own_sums + 4 * (u32(j) * tile::strip_cols), c.block_n, true);
    }
    steps.end(p.out, of.entry);
  }

  // The same of products beside each other: strips of each one's sums as registers have them.
  static GEMMACT_FN void finish_products(const params& p, const unit& u, u32 row, u32 col, const product& z) {
    using strips = tile::strip_of_products<tile::staged_strip, int(c.parts)>;
    const tile::tile_place tile = u.place(p.work);
    const owner of(p, u);
    row += tile.row * c.block_m + arch::lane_index() / 4;
    col += tile.col * part_n;
    Epilogue steps;
    GEMMACT_UNROLL
    for (int j = 0; j < product::part_tiles / 4; ++j) {
      const u32 slice_col = col + u32(j) * tile::strip_cols;
      if (slice_col >= p.n) break;
      const auto place = strips::make(of.entry, slice_col + arch::lane_index() % 4 * 2, p.n);
      steps.begin(p.out, place);
      GEMMACT_UNROLL
      for (int half = 0; half < 2 * product::row_tiles; ++half) {
        strips s;
        static_cast<tile::strip_place_of<tile::pairs>&>(s) = place;
        s.row = row + 8 * u32(half);
        if (s.row >= p.m) s.valid = 0;
        GEMMACT_UNROLL
        for (int part = 0; part < int(c.parts); ++part) {
          GEMMACT_UNROLL
          for (int v = 0; v < int(tile::strip_width); ++v)
            s.of[part][v] = z.sum[half / 2][part * product::part_tiles + 4 * j + v / 2][half % 2 * 2 + v % 2];
        }
        steps.apply(p.out, s);
      }
    }
    steps.end(p.out, of.entry);
  }
};

}  // namespace gemmact::families::gemm_sm80

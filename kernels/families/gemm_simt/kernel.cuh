// What is written = epilogue(A B^T) by f32 multiply-adds, for any GPU.
//
//   z[i, j] = sum over l of a[i, l] b[j, l], A m x k, B n x k; each element is one chain of multiply-adds in ascending l
//
// Of several products that share A, there is a B for each beside the others, and a lane has the sums of all products' z[i, j].
// Else those of a pair or a maxout, or a batch's entries, are stretches of k with operands of their own, one after the other,
// or have a D each (tile/turns.hpp); then k is the length of a stretch.
//
// Shared memory:  stage 0, stage 1     each: a slice of A, then one of each product's B, as f32 (config.hpp says how)
//                 warps_m x sums x block_n, or block_m, f32: sums over rows (kernels/epilogue/column_sums.cuh)
//                 16 bytes             whether this block is the last of a tile that is split, or of a sum
// In the epilogue the stages' memory has, for each warp, its rows of one group as 32 columns, of each product: chunks of 16
// bytes of row r * together + i at 128 * row, where those of odd r have their neighbours' places.
//
// Who waits for what: a slice is loaded to registers while the one before is multiplied, and stored to the stage that the
// slice before that has left, which the block's meeting since then has seen to. Then the block meets, and reads it. Before
// the epilogue the block meets once more; in it each warp meets by itself before and after it fills its own memory.
//
// A block has one unit of work: a tile, each of whose warps has all of k, so that no sum depends on m, n or the tile; or,
// with splits, some of its slices: then the block that has a tile's last sums gathers all of them
// (kernels/tile/shared_sums.cuh) and applies the epilogue.
#pragma once
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/column_sums.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_simt/lane_product.cuh"
#include "kernels/families/gemm_simt/slice_loader.cuh"
#include "kernels/tile/read_ahead.cuh"
#include "kernels/tile/shared_sums.cuh"

namespace gemmact::families::gemm_simt {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gemm_simt::params;
  static constexpr u32 threads = c.threads(), min_blocks = c.min_blocks, shared_bytes = c.shared_bytes();

  static GEMMACT_FN void run(const params& p) {
    const unit u(p.work, arch::block_index());
    const u32 warp_row = arch::warp_index() / warps_n * warp_m;
    product z(warp_row, arch::warp_index() % warps_n * warp_n);
    read_ahead(p, u);
    accumulate(p, u, z);
    if constexpr (c.row_sums) leave_row_sums(p, u, warp_row, z);
    if constexpr (!c.splits) arch::sync_block();  // all have read the last slice; gathering, they meet anyway
    if (is_last(p, u, z)) {
      finish(p, u, z);
      if constexpr (c.sums != 0) leave_sums(p, u);
    }
    Epilogue::finish(p.out);
  }

 private:
  static constexpr u32 warps_n = c.warps_n(), warp_m = c.warp_m(), warp_n = 32, part_n = c.part_n();
  static constexpr u32 a_bytes = c.a().bytes(), b_bytes = c.b().bytes(), stage_bytes = c.stage_bytes();
  static constexpr u32 sums_at = c.sums_at(), answer_at = c.answer_at();
  static constexpr slice_shape a_shape = c.a(), b_shape = c.b();
  using unit = tile::work_unit<true, c.splits>;
  // Sums of rows are of what is stored: where A is rounded for the product, that is done afterwards.
  static constexpr bool rounds_a = c.row_sums && same<T, tf32>;
  using product = lane_product<warp_m, a_shape, b_shape, c.parts, c.row_sums, rounds_a>;
  using a_loader = slice_loader<select_type<rounds_a, float, T>, a_shape, threads, c.masked>;
  using b_loader = slice_loader<T, b_shape, threads>;
  static constexpr int together = product::together, parts = int(c.parts);
  static constexpr u32 group_rows = 8 * u32(together), own_bytes = c.strips_bytes();
  static_assert(part_n % warp_n == 0 && warp_m % 8 == 0 && own_bytes == group_rows * warp_n * 4, "whole warps");

  // Whether this block finishes the unit's tile, with all its sums.
  static GEMMACT_FN bool is_last(const params& p, const unit& u, product& z) {
    if constexpr (c.splits) {
      const auto block_meets = [] { arch::sync_block(); };
      return tile::gather<threads>(p.sums, p.work, u, arch::thread_index(), answer(), z, block_meets);
    } else {
      return true;
    }
  }

  static GEMMACT_FN void read_ahead(const params& p, const unit& u) {
    const tile::tile_place place = u.place(p.work);
    const u32 row = place.row * c.block_m, col = place.col * part_n;
    tile::read_ahead(p.out.ahead, {p.work.entry(u.batch), row, c.block_m, col, part_n}, threads, arch::thread_index());
  }

  // What is multiplied next, on its way through registers.
  struct slices {
    a_loader a;
    b_loader b[parts];
    tile::turn turn;
    u32 row, col, entry;

    GEMMACT_FN slices(const params& p, const unit& u)
        : turn(tile::turn::make(p.work, u.batch, u.first_stage(p.work))), entry(p.work.entry(u.batch)) {
      const tile::tile_place place = u.place(p.work);
      row = place.row * c.block_m, col = place.col * part_n;
      enter(p);
    }

    // From the unit's first slice on, or from the first one of a stretch, which may be shorter than others.
    GEMMACT_FN void enter(const params& p) {
      const u32 shorter = p.k - (p.work.segment_stages - 1) * c.depth;
      const u32 depth = turn.stage == 0 ? shorter : c.depth;
      const u32 first = turn.stage == 0 ? 0 : shorter + (turn.stage - 1) * c.depth;
      const auto of_entry = [&](const lines& from) {
        return i64(entry) * from.batch_bytes + turn.entry_bytes(p.work, from.batch_bytes);
      };
      const u32 product_number = turn.number(p.work);
      const typename a_loader::place a_place{row, p.m - row, first};
      a.enter(p.a, of_entry(p.a) + p.a_of.product[int(product_number)], a_place, depth);
      if constexpr (c.masked) a.enter_winners(p.winners, of_entry(p.winners.at), a_place, depth, product_number);
      GEMMACT_UNROLL
      for (int i = 0; i < parts; ++i)
        b[i].enter(p.b, of_entry(p.b) + p.b_of.product[parts == 1 ? int(product_number) : i], {col, p.n - col, first},
                   depth);
      turn.advance(p.work);
    }

    GEMMACT_FN void next(const params& p) {
      if (turn.stage == 0) return enter(p);
      a.fetch(p.a);
      if constexpr (c.masked) a.fetch_winners(p.winners);
      GEMMACT_UNROLL
      for (int i = 0; i < parts; ++i) b[i].fetch(p.b);
      turn.advance(p.work);
    }

    GEMMACT_FN void store(shared_address stage) const {
      a.store(stage);
      GEMMACT_UNROLL
      for (int i = 0; i < parts; ++i) b[i].store(stage + (a_bytes + u32(i) * b_bytes));
    }
  };

  static GEMMACT_FN void accumulate(const params& p, const unit& u, product& z) {
    constexpr u32 turns = c.depth * c.parts;
    [[maybe_unused]] bool row_sums = false;
    if constexpr (c.row_sums) row_sums = row_sum_of(p, u) >= 0 && arch::warp_index() % warps_n == 0;
    slices ahead(p, u);
    z.clear();
    shared_address from = arch::dynamic_shared(), to = from + stage_bytes;
    ahead.store(from);
    arch::sync_block();
    z.load(from, from + a_bytes, 0);
    GEMMACT_NO_UNROLL
    for (u32 left = u.stages(p.work); left != 0; --left) {
      if (left != 1) ahead.next(p);
      GEMMACT_UNROLL
      for (u32 turn = 0; turn < turns; ++turn) {
        if (turn + 1 < turns) {
          z.load(from, from + a_bytes, turn + 1);
        } else if (left != 1) {
          ahead.store(to);
          arch::sync_block();
          const shared_address free = from;
          from = to, to = free;
          z.load(from, from + a_bytes, 0);
        }
        z.multiply(turn, row_sums);
      }
    }
  }

  static GEMMACT_FN shared_address answer() { return arch::dynamic_shared() + answer_at; }
  static GEMMACT_FN shared_address sums() { return arch::dynamic_shared() + sums_at; }

  // Which sum A's rows have in this unit, which is of the first tiles of their rows; below 0: none.
  static GEMMACT_FN int row_sum_of(const params& p, const unit& u) {
    return u.place(p.work).col == 0 ? p.row_sum_of[int(p.work.product(u.batch))] : -1;
  }

  static GEMMACT_FN void leave_row_sums(const params& p, const unit& u, u32 warp_row, const product& z) {
    constexpr epilogue::sums_shape shape{threads, 1, 1, c.block_m};
    const int number = row_sum_of(p, u);
    if (number < 0) return;
    if (arch::warp_index() % warps_n == 0 && product::col_group() == 0) {
      GEMMACT_UNROLL
      for (int i = 0; i < product::lane_rows; ++i) {
        const u32 in_group = product::row_group() * u32(together) + u32(i % together);
        arch::store_shared(sums() + 4 * (warp_row + u32(i / together) * group_rows + in_group), z.row_sum[i]);
      }
    }
    const u32 group = u.place(p.work).row;
    leave<shape>(p, {group, p.work.entry(u.batch), u.split, group * c.block_m, u32(number)});
  }

  static GEMMACT_FN void leave_sums(const params& p, const unit& u) {
    constexpr epilogue::sums_shape shape{threads, c.warps_m, c.sums, c.block_n};
    const tile::tile_place tile = u.place(p.work);
    leave<shape>(p, {tile.col, p.work.entry(u.batch), tile.row, tile.col * c.block_n});
  }

  template <epilogue::sums_shape shape>
  static GEMMACT_FN void leave(const params& p, const epilogue::sums_place& at) {
    const auto block_meets = [] { arch::sync_block(); };
    epilogue::leave_sums<shape>(p.out.sum, at, sums(), arch::thread_index(), answer(), block_meets);
  }

  // The warp's part of the tile. Through shared memory, lanes beside each other get columns beside each other.
  static GEMMACT_FN void finish(const params& p, const unit& u, const product& z) {
    const u32 lane = arch::lane_index(), warp = arch::warp_index(), entry = p.work.entry(u.batch);
    const tile::tile_place tile = u.place(p.work);
    const u32 row = tile.row * c.block_m + warp / warps_n * warp_m, warp_col = warp % warps_n * warp_n;
    const auto place = tile::strip_place::make(entry, tile.col * part_n + warp_col + lane % 4 * tile::strip_width, p.n,
                                               p.work.product(u.batch));
    const shared_address own = arch::dynamic_shared() + arch::warp_index() * (c.parts * own_bytes);
    Epilogue steps;
    steps.begin(p.out, place);
    GEMMACT_UNROLL
    for (int g = 0; g < product::groups; ++g) {
      if (g != 0) arch::sync_warp();  // the strips before these have been taken
      GEMMACT_UNROLL
      for (int part = 0; part < parts; ++part) {
        GEMMACT_UNROLL
        for (int i = 0; i < together; ++i) put(own + u32(part) * own_bytes, z.sum[part][g * together + i], i);
      }
      arch::sync_warp();
      GEMMACT_NO_UNROLL
      for (int i = 0; i < together; ++i) {
        select_type<parts == 1, tile::strip, tile::strip_of_products<tile::strip, parts>> s;
        static_cast<tile::strip_place&>(s) = place;
        const u32 in_group = lane / 4 * u32(together) + u32(i);
        s.row = row + u32(g) * group_rows + in_group;
        if (s.row >= p.m) s.valid = 0;
        if constexpr (parts == 1) {
          take(s.value, own, i);
        } else {
          GEMMACT_UNROLL
          for (int part = 0; part < parts; ++part) take(s.of[part], own + u32(part) * own_bytes, i);
        }
        steps.apply(p.out, s);
      }
    }
    if constexpr (c.sums != 0)
      steps.columns_done(p.out, place, sums() + 4 * (warp / warps_n * c.sums * c.block_n + warp_col), c.block_n, true);
    steps.end(p.out, entry);
  }

  // Of row r * together + i of a group, the first of the chunks that strip `number` consists of; the other one is at ^ 16.
  static GEMMACT_FN shared_address chunk(shared_address own, u32 r, int i, u32 number) {
    return own + ((r * u32(together) + u32(i)) * warp_n * 4 + ((32 * number) ^ (16 * (r % 2))));
  }

  static GEMMACT_FN void put(shared_address own, const float* values, int i) {
    const shared_address to = chunk(own, product::row_group(), i, product::col_group());
    GEMMACT_UNROLL
    for (u32 half = 0; half < 2; ++half) {
      const float* v = values + 4 * half;
      arch::store_shared(shared_address{to.value ^ (16 * half)}, array<float, 4>{{v[0], v[1], v[2], v[3]}});
    }
  }

  static GEMMACT_FN void take(array<float, int(tile::strip_width)>& values, shared_address own, int i) {
    const shared_address from = chunk(own, arch::lane_index() / 4, i, arch::lane_index() % 4);
    GEMMACT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const auto four = arch::load_shared<array<float, 4>>({from.value ^ (16 * u32(half))});
      GEMMACT_UNROLL
      for (int j = 0; j < 4; ++j) values[4 * half + j] = four[j];
    }
  }
};

}  // namespace gemmact::families::gemm_simt

// How a consumer warp of gemm_sm90 finishes its part of a tile: 16 rows of each unit of 64, a slab of columns at a time.
//
// The warp has `slabs` pieces of shared memory of its own in a ring. Staged, a slab of Y goes out through one: the lanes
// write it, one lane has TMA store it, and it is written again when the store has read it. Where the epilogue reads a
// matrix (reads), TMA brings a slab of that to the same place before, `ahead` slabs in advance and across tiles; the lanes
// replace it by Y's. What is kept goes out in the same way, through a ring of its own (keeps) or (reads_pair) from where TMA
// has brought a second matrix. Bits come before the tile's products are waited for, and go when a unit's rows are done.
//
//   barrier                  arrivals a phase                who waits
//   arrived[warp][slab]      the warp, and a slab's bytes    the warp
#pragma once
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/families/gemm_sm90/block_tiles.cuh"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/params.hpp"
#include "kernels/families/gemm_sm90/tile_sums.cuh"
#include "kernels/tile/bit_row.cuh"
#include "kernels/tile/read_ahead.cuh"
#include "kernels/tile/staged_strip.cuh"

namespace gemmact::families::gemm_sm90 {

template <config c, class Epilogue, class Product>
class finisher {
 public:
  using params = gemm_sm90::params<c.maps()>;
  using unit = typename block_tiles<c>::unit;
  using corner = typename block_tiles<c>::corner;

  GEMMACT_FN finisher(const params& p, u32 consumer) : parts_(p, consumer), sums_(consumer) {
    const u32 warp = 4 * consumer + arch::warp_index() % 4;
    own_ = arch::dynamic_shared() + (c.slabs_at() + warp * c.warp_slab_bytes());
    arrived_ = arch::dynamic_shared() + (c.arrivals_at() + warp * c.slabs() * 8);
    if constexpr (c.reads) {
      if (first_lane())
        for (u32 i = 0; i < ahead; ++i) load(p);
    }
  }

  // What the lanes read of a unit that is yet to be multiplied.
  GEMMACT_FN void fetch(const params& p, const unit& u) {
    const auto at = parts_.of(p, u);
    GEMMACT_UNROLL
    for (u32 i = 0; i < u32(Product::units) && p.out.ahead.count != 0; ++i)
      tile::read_ahead(p.out.ahead, {at.entry, at.row + 64 * i, 16, at.col, c.width()}, 32, arch::lane_index());
    if (Epilogue::reads_bits()) fetch_bits(p, at);
  }

  GEMMACT_FN void finish(const params& p, const unit& u, const Product& z) {
    const auto at = parts_.of(p, u);
    const u32 lane = arch::lane_index();
    const auto place_of = [&](int slice) {
      return place::make(at.entry, at.col + u32(slice) * tile::strip_cols + 2 * (lane % 4), p.n, at.product);
    };
    if constexpr (c.sums != 0) sums_.begin(p, at);
    // What is the same for all rows is read a slice in advance where nothing else hides the wait.
    Epilogue steps[sets];
    GEMMACT_UNROLL
    for (int i = 0; i < Product::units; ++i) {
      const u32 row = at.row + 64 * u32(i);
      if (row >= p.m) break;
      if (sets == 2) steps[0].begin(p.out, place_of(0));
      GEMMACT_UNROLL
      for (int slice = 0; slice < slices; ++slice) {
        const u32 col = at.col + u32(slice) * tile::strip_cols;
        if (col >= p.n) break;
        if (slice + 1 < slices && sets == 2) steps[(slice + 1) % sets].begin(p.out, place_of(slice + 1));
        if (sets == 1) steps[0].begin(p.out, place_of(slice));
        if (slice % slab_slices == 0) enter_slab(p);
        GEMMACT_UNROLL
        for (int half = 0; half < 2; ++half) {
          strip s;
          static_cast<place&>(s) = place_of(slice);
          s.row = row + 8 * u32(half) + lane / 4;
          if (s.row >= p.m) s.valid = 0;
          if constexpr (c.parts == 1) {
            s.value = sums_of(z, i, slice, half);
          } else {
            GEMMACT_UNROLL
            for (int part = 0; part < int(c.parts); ++part) s.of[part] = sums_of(z, i, part * slices + slice, half);
          }
          if constexpr (c.staged) s.y = slab::row_of_lane(current(), u32(half), u32(slice % slab_slices));
          if constexpr (c.keeps) {
            s.kept = slab::row_of_lane(current_kept(), u32(half), u32(slice % slab_slices));
            s.kept_pitch = c.parts == 1 ? 0 : slab::bytes;
          }
          if (Epilogue::reads_bits()) s.bits = bits_[2 * i + half].of(slice);
          steps[slice % sets].apply(p.out, s);
          if (Epilogue::keeps_bits()) bits_[2 * i + half].set(slice, s.bits);
        }
        if constexpr (c.sums != 0)
          steps[slice % sets].columns_done(p.out, place_of(slice), sums_.of_slice(slice), sums_.pitch, i == 0);
        const bool last = slice % slab_slices == slab_slices - 1 || col + tile::strip_cols >= p.n;
        if (last) leave_slab(p, col - u32(slice % slab_slices) * tile::strip_cols, row, at);
      }
      GEMMACT_UNROLL
      for (int half = 2 * i; half < 2 * i + 2; ++half)
        if (Epilogue::keeps_bits()) bits_[half].store(p.out.kept, bits_at(p, at, half));
    }
    GEMMACT_UNROLL
    for (int set = 0; set < sets; ++set) steps[set].end(p.out, at.entry);
    if constexpr (c.sums != 0) sums_.leave(p, block_tiles<c>::corner_of(p, u));
    if constexpr (c.sums_a != 0) leave_row_sums(p, block_tiles<c>::corner_of(p, u), z);
  }

  // Before the block's memory goes.
  GEMMACT_FN void leave() {
    if (c.staged && first_lane()) arch::bulk_wait_read<0>();
    arch::sync_warp();  // the lanes meet again
  }

 private:
  using slab = tile::slab<c.slab_span()>;
  using place = tile::strip_place_of<tile::pairs>;
  using strip =
      select_type<c.parts == 1, tile::staged_strip, tile::strip_of_products<tile::staged_strip, int(c.parts)>>;
  static constexpr int slices = int(c.width() / tile::strip_cols), slab_slices = int(slab::cols / tile::strip_cols);
  static constexpr int halves = 2 * Product::units;  // 8 rows of the warp each
  static constexpr int sets = c.pingpong ? 1 : 2;
  using bits = tile::bit_row<slices>;
  // In advance: so many that the slab that is loaded next is the one that went out before the last one.
  static constexpr u32 pending = 1, ahead = c.reads ? c.slabs() - 1 - pending : 0;
  static constexpr u32 slot_bytes = c.matrices() * slab::bytes;
  static_assert(!c.keeps || c.reads_pair || pending < c.kept_slabs(), "what waits for the one waits for the other");

  // By the tiles of D's first columns, of products that have such sums.
  GEMMACT_FN void leave_row_sums(const params& p, const corner& tile, const Product& z) const {
    const u32 before = c.sums_a & ((1u << tile.product) - 1);
    if (tile.col == 0 && (c.sums_a >> tile.product & 1) != 0)
      sums_.leave_rows(p, tile, (before & 1) + (before >> 1), z);
  }

  GEMMACT_FN void fetch_bits(const params& p, const corner& at) {
    GEMMACT_UNROLL
    for (int half = 0; half < halves; ++half) bits_[half].load(p.out.kept, bits_at(p, at, half));
  }

  static GEMMACT_FN typename bits::place bits_at(const params& p, const corner& at, int half) {
    return {at.entry, at.row + 8 * u32(half % 2) + 64 * u32(half / 2) + arch::lane_index() / 4, at.col, p.m, p.n};
  }

  // Of slice `slice` of all parts' columns.
  static GEMMACT_FN array<float, int(tile::strip_width)> sums_of(const Product& z, int unit, int slice, int half) {
    array<float, int(tile::strip_width)> values;
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j)
      values[j] = z.sum[unit][16 * slice + 4 * (j / 2) + 2 * half + j % 2];
    return values;
  }

  static GEMMACT_FN bool first_lane() { return arch::lane_index() == 0; }
  GEMMACT_FN shared_address current() const { return own_ + done_ % c.slabs() * slot_bytes; }
  // Of the first matrix that is kept; the others' slabs are behind it.
  GEMMACT_FN shared_address current_kept() const {
    if constexpr (c.reads_pair) return current() + slab::bytes;
    constexpr u32 ring = c.kept_slabs() != 0 ? c.kept_slabs() : 1;
    return own_ + (c.slabs() + done_ % ring * c.kept_matrices()) * slab::bytes;
  }

  GEMMACT_FN void enter_slab(const params& p) {
    if constexpr (c.reads) {
      if (first_lane()) {
        arch::bulk_wait_read<pending>();  // the slab that is loaded next has gone out
        load(p);
      }
      if constexpr (c.kept_slabs() != 0) arch::sync_warp();  // the slab is free for all lanes
      arch::mbarrier_wait(arrived_ + done_ % c.slabs() * 8, done_ / c.slabs() & 1);
    } else if constexpr (c.staged) {
      if (first_lane()) arch::bulk_wait_read<c.slabs() - 1>();  // the slab is free
      arch::sync_warp();                                        // the slab is free for all lanes
    }
  }

  GEMMACT_FN void leave_slab(const params& p, u32 col, u32 row, const corner& at) {
    if constexpr (c.staged) {
      arch::fence_proxy_async();
      if constexpr (c.overwrites) arch::fence_proxy_async_global();  // what was read is stored over
      arch::sync_warp();
      if (first_lane()) {
        store(p.map[c.y_map() + at.product], current(), col, row, at.entry);
        GEMMACT_UNROLL
        for (int i = 0; i < int(c.kept_matrices()); ++i)
          store(p.map[c.kept_map() + u32(i)], current_kept() + u32(i) * slab::bytes, col, row, at.entry);
        arch::bulk_commit();
      }
    }
    ++done_;
  }

  static GEMMACT_FN void store(const tensor_map& map, shared_address from, u32 col, u32 row, u32 batch) {
    if constexpr (c.batched_d()) arch::tma_store(map, from, i32(col), i32(row), i32(batch));
    else arch::tma_store(map, from, i32(col), i32(row));
  }

  // The next slab of what is read, by one lane.
  GEMMACT_FN void load(const params& p) {
    if (!parts_.more(p)) return;
    const auto& at = parts_.get();
    const shared_address barrier = arrived_ + loaded_ % c.slabs() * 8, to = own_ + loaded_ % c.slabs() * slot_bytes;
    const u32 col = at.col + next_col_, row = at.row + next_row_;
    arch::mbarrier_arrive_expect(barrier, slot_bytes);
    GEMMACT_UNROLL
    for (u32 i = 0; i < c.matrices(); ++i) {
      const tensor_map& map = p.map[c.read_map() + at.product + i];
      if constexpr (c.batched_d())
        arch::tma_load(to + i * slab::bytes, map, barrier, i32(col), i32(row), i32(at.entry));
      else arch::tma_load(to + i * slab::bytes, map, barrier, i32(col), i32(row));
    }
    ++loaded_;
    next_col_ += slab::cols;
    if (next_col_ < c.width() && at.col + next_col_ < p.n) return;
    next_col_ = 0, next_row_ += 64;
    if (next_row_ < c.consumer_rows() && at.row + next_row_ < p.m) return;
    next_row_ = 0;
    parts_.next(p);
  }

  warp_parts<c> parts_;
  tile_sums<c> sums_;
  shared_address own_, arrived_;
  u32 done_ = 0, loaded_ = 0, next_col_ = 0, next_row_ = 0;
  array<bits, halves> bits_;  // of the unit that is multiplied, or finished
};

}  // namespace gemmact::families::gemm_sm90

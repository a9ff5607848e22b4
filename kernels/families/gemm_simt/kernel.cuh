// Y = epilogue(X W^T) by f32 multiply-adds, for any GPU.
//
//   z[i, j] = sum over l of a[i, l] b[j, l], A m x k, B n x k; each element is one chain of multiply-adds in ascending l
//
// Shared memory:  stage 0, stage 1     each: a slice of A, then one of B, as f32 (config.hpp says how)
// In the epilogue the same memory has, for each warp, its rows of one group as 32 columns: chunks of 16 bytes of row
// r * together + i at 128 * row, where those of odd r have their neighbours' places.
//
// Who waits for what: a slice is loaded to registers while the one before is multiplied, and stored to the stage that the
// slice before that has left, which the block's meeting since then has seen to. Then the block meets, and reads it. Before
// the epilogue the block meets once more; in it each warp meets by itself before and after it fills its own memory.
//
// A block has one tile. Each of its warps has all of k: no sum depends on m, n or the tile.
#pragma once
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_simt/lane_product.cuh"
#include "kernels/families/gemm_simt/slice_loader.cuh"

namespace gemmact::families::gemm_simt {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gemm_simt::params;
  static constexpr u32 threads = c.threads(), min_blocks = c.min_blocks, shared_bytes = c.shared_bytes();

  static GEMMACT_FN void run(const params& p) {
    const u32 batch = arch::block_index() / p.order.count(), warp = arch::warp_index();
    const tile::tile_place place = p.order[arch::block_index() % p.order.count()];
    const u32 row = place.row * c.block_m, col = place.col * c.block_n;
    const u32 warp_row = warp / warps_n * warp_m, warp_col = warp % warps_n * warp_n;
    product z(warp_row, warp_col);
    accumulate(p, batch, row, col, z);
    arch::sync_block();  // all have read the last slice
    finish(p, {batch, col + warp_col}, row + warp_row, z);
    Epilogue::finish(p.out);
  }

 private:
  static constexpr u32 warps_n = c.warps_n(), warp_m = c.warp_m(), warp_n = 32, a_bytes = c.a().bytes();
  static constexpr u32 stage_bytes = c.stage_bytes();
  static constexpr slice_shape a_shape = c.a(), b_shape = c.b();
  using product = lane_product<warp_m, a_shape, b_shape>;
  using a_loader = slice_loader<T, a_shape, threads>;
  using b_loader = slice_loader<T, b_shape, threads>;
  static constexpr int together = product::together;
  static constexpr u32 group_rows = 8 * u32(together), own_bytes = c.strips_bytes();
  static_assert(c.block_n % warp_n == 0 && warp_m % 8 == 0 && own_bytes == group_rows * warp_n * 4, "whole warps");

  static GEMMACT_FN void accumulate(const params& p, u32 batch, u32 row, u32 col, product& z) {
    const u32 slices = ceil_div(p.k, c.depth);
    a_loader a;
    b_loader b;
    a.enter(p.a, batch, row, p.m - row, p.k - (slices - 1) * c.depth);
    b.enter(p.b, batch, col, p.n - col, p.k - (slices - 1) * c.depth);
    z.clear();
    shared_address from = arch::dynamic_shared(), to = from + stage_bytes;
    a.store(from);
    b.store(from + a_bytes);
    arch::sync_block();
    z.load(from, from + a_bytes, 0);
    GEMMACT_NO_UNROLL
    for (u32 left = slices; left != 0; --left) {
      if (left != 1) a.fetch(p.a), b.fetch(p.b);
      GEMMACT_UNROLL
      for (u32 k = 0; k < c.depth; ++k) {
        if (k + 1 < c.depth) {
          z.load(from, from + a_bytes, k + 1);
        } else if (left != 1) {
          a.store(to);
          b.store(to + a_bytes);
          arch::sync_block();
          const shared_address free = from;
          from = to, to = free;
          z.load(from, from + a_bytes, 0);
        }
        z.multiply(k);
      }
    }
  }

  struct corner {
    u32 batch, col;
  };

  // The warp's part of the tile, whose first column and row these are. Through shared memory, lanes beside each other get
  // columns beside each other.
  static GEMMACT_FN void finish(const params& p, corner at, u32 row, const product& z) {
    const u32 lane = arch::lane_index();
    const auto place = tile::strip_place::make(at.batch, at.col + lane % 4 * tile::strip_width, p.n);
    const shared_address own = arch::dynamic_shared() + arch::warp_index() * own_bytes;
    Epilogue steps;
    steps.begin(p.out, place);
    GEMMACT_UNROLL
    for (int g = 0; g < product::groups; ++g) {
      if (g != 0) arch::sync_warp();  // the strips before these have been taken
      GEMMACT_UNROLL
      for (int i = 0; i < together; ++i) put(own, z.sum[g * together + i], i);
      arch::sync_warp();
      GEMMACT_NO_UNROLL
      for (int i = 0; i < together; ++i) {
        tile::strip s = take(own, i, place);
        s.row += row + u32(g) * group_rows;
        if (s.row >= p.m) s.valid = 0;
        steps.apply(p.out, s);
      }
    }
    steps.end(p.out, at.batch);
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

  static GEMMACT_FN tile::strip take(shared_address own, int i, const tile::strip_place& place) {
    const u32 r = arch::lane_index() / 4;
    const shared_address from = chunk(own, r, i, arch::lane_index() % 4);
    tile::strip s{place, r * u32(together) + u32(i), {}};
    GEMMACT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const auto four = arch::load_shared<array<float, 4>>({from.value ^ (16 * u32(half))});
      GEMMACT_UNROLL
      for (int j = 0; j < 4; ++j) s.value[4 * half + j] = four[j];
    }
    return s;
  }
};

}  // namespace gemmact::families::gemm_simt

// Y = X W^T in bf16 with f32 sums, by cp.async and mma.sync, for the emulator's own tests: X is m x k, W is n x k, sizes multiples of the tile.
//
// Shared memory: `stages` times a tile of X and one of W, rows of 64 bytes with their 16-byte chunks swizzled.
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/swizzle.hpp"

namespace gemmact::test {

struct gemm_mma {
  static constexpr u32 tile = 128, depth = 32, stages = 3, threads = 256;
  static constexpr u32 row_bytes = depth * 2, tile_bytes = tile * row_bytes, stage_bytes = 2 * tile_bytes;
  static constexpr u32 shared_bytes = stages * stage_bytes;

  struct params {
    global_address x, w, y;  // y is f32
    u32 m, n, k;
  };

  static GEMMACT_FN void load_stage(const params& p, u32 step) {
    if (step < p.k / depth) {
      const shared_address stage = arch::dynamic_shared() + step % stages * stage_bytes;
      const u32 column_tiles = p.n / tile;
      const u32 m0 = arch::block_index() / column_tiles * tile, n0 = arch::block_index() % column_tiles * tile;
      for (u32 i = 0; i < tile_bytes / 16 / threads; ++i) {
        const u32 chunk = i * threads + arch::thread_index(), row = chunk / 4, byte = chunk % 4 * 16;
        const u32 to = swizzle<64>(row * row_bytes + byte);
        const i64 from = i64(step) * row_bytes + byte;
        arch::cp_async<16>(stage + to, p.x + (i64(m0 + row) * p.k * 2 + from), 16);
        arch::cp_async<16>(stage + (tile_bytes + to), p.w + (i64(n0 + row) * p.k * 2 + from), 16);
      }
    }
    arch::cp_async_commit();
  }

  // A warp has 64 rows and 32 columns.
  static GEMMACT_FN void multiply_stage(u32 step, array<float, 4> (&sums)[4][4]) {
    const shared_address x = arch::dynamic_shared() + step % stages * stage_bytes, w = x + tile_bytes;
    const u32 lane = arch::lane_index(), m0 = arch::warp_index() / 4 * 64, n0 = arch::warp_index() % 4 * 32;
    for (u32 kk = 0; kk < depth / 16; ++kk) {
      array<u32, 4> a[4];
      array<u32, 2> b[4];
      for (u32 i = 0; i < 4; ++i) {
        const u32 row = m0 + 16 * i + lane % 16;
        arch::ldmatrix<false>(a[i], x + swizzle<64>(row * row_bytes + 32 * kk + 16 * (lane / 16)));
      }
      for (u32 j = 0; j < 4; j += 2) {
        array<u32, 4> two;
        const u32 row = n0 + 8 * j + lane % 8 + 8 * (lane / 16);
        arch::ldmatrix<false>(two, w + swizzle<64>(row * row_bytes + 32 * kk + 16 * (lane / 8 % 2)));
        b[j] = {{two[0], two[1]}};
        b[j + 1] = {{two[2], two[3]}};
      }
      for (u32 i = 0; i < 4; ++i) {
        for (u32 j = 0; j < 4; ++j) arch::mma<bf16_bits>(sums[i][j], a[i], b[j]);
      }
    }
  }

  static GEMMACT_FN void store(const params& p, const array<float, 4> (&sums)[4][4]) {
    const u32 lane = arch::lane_index(), column_tiles = p.n / tile;
    const u32 m0 = arch::block_index() / column_tiles * tile + arch::warp_index() / 4 * 64;
    const u32 n0 = arch::block_index() % column_tiles * tile + arch::warp_index() % 4 * 32;
    for (u32 i = 0; i < 4; ++i) {
      for (u32 j = 0; j < 4; ++j) {
        for (u32 half = 0; half < 2; ++half) {
          const tile_place place = fragment_d(lane, 2 * half);
          const i64 element = i64(m0 + 16 * i + place.row) * p.n + n0 + 8 * j + place.col;
          arch::store_global(p.y + element * 4, array<float, 2>{{sums[i][j][2 * half], sums[i][j][2 * half + 1]}});
        }
      }
    }
  }

  static GEMMACT_FN void run(const params& p) {
    array<float, 4> sums[4][4] = {};
    for (u32 s = 0; s < stages - 1; ++s) load_stage(p, s);
    for (u32 step = 0; step < p.k / depth; ++step) {
      arch::cp_async_wait<stages - 2>();
      arch::sync_block();
      load_stage(p, step + stages - 1);
      multiply_stage(step, sums);
    }
    store(p, sums);
  }
};

}  // namespace gemmact::test

// Y = X W^T in bf16 with f32 sums, by TMA, mbarriers and wgmma, for the emulator's own tests: X is m x k, W is n x k, Y is bf16; ragged sizes.
//
// Shared memory: `stages` times a tile of X and one of W (rows of 128 bytes, swizzled); one tile of Y; the barriers.
//
//   barrier    arrivals a phase                   who waits
//   full[s]    the producer, and a stage's bytes  both consumer warpgroups
//   empty[s]   one thread of each warpgroup       the producer
//   named 1+g  the 128 threads of consumer g      the same
//
// Roles: warpgroup 0 loads (one thread of it), warpgroups 1 and 2 multiply 64 rows each and store.
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/stmatrix/stmatrix.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/arch/wgmma/wgmma.cuh"

namespace gemmact::test {

struct gemm_wgmma {
  static constexpr u32 tile_m = 128, tile_n = 64, depth = 64, stages = 2, consumers = 2,
                       threads = 128 * (1 + consumers);
  static constexpr u32 x_bytes = tile_m * depth * 2, w_bytes = tile_n * depth * 2, stage_bytes = x_bytes + w_bytes;
  static constexpr u32 y_at = stages * stage_bytes, y_bytes = 64 * tile_n * 2, barriers_at = y_at + consumers * y_bytes;
  static constexpr u32 shared_bytes = barriers_at + 2 * stages * 8;

  struct params {
    tensor_map x, w, y;  // boxes: 64 x tile_m, 64 x tile_n, tile_n x 64
    u32 m, n, k;
  };

  static GEMMACT_FN shared_address full(u32 stage) { return arch::dynamic_shared() + (barriers_at + 8 * stage); }
  static GEMMACT_FN shared_address empty(u32 stage) { return full(stages + stage); }
  static GEMMACT_FN shared_address stage_at(u32 stage) { return arch::dynamic_shared() + stage * stage_bytes; }
  static GEMMACT_FN u32 steps(const params& p) { return ceil_div(p.k, depth); }

  static GEMMACT_FN void produce(const params& p, u32 tile, u32& step) {
    const u32 columns = ceil_div(p.n, tile_n), row = tile / columns * tile_m, column = tile % columns * tile_n;
    for (u32 i = 0; i < steps(p); ++i, ++step) {
      const u32 stage = step % stages, parity = step / stages & 1;
      arch::mbarrier_wait(empty(stage), parity ^ 1);
      arch::mbarrier_arrive_expect(full(stage), stage_bytes);
      arch::tma_load(stage_at(stage), p.x, full(stage), i32(i * depth), i32(row));
      arch::tma_load(stage_at(stage) + x_bytes, p.w, full(stage), i32(i * depth), i32(column));
    }
  }

  static GEMMACT_FN void multiply(const params& p, u32 group, u32& step, array<float, tile_n / 2>& sums) {
    for (u32 i = 0; i < steps(p); ++i, ++step) {
      const u32 stage = step % stages, parity = step / stages & 1;
      arch::mbarrier_wait(full(stage), parity);
      arch::wgmma_fence();
      for (u32 kk = 0; kk < depth / 16; ++kk) {
        const u64 x = arch::wgmma_descriptor(stage_at(stage) + (group * 64 * 128 + 32 * kk), 16, 1024, 128);
        const u64 w = arch::wgmma_descriptor(stage_at(stage) + (x_bytes + 32 * kk), 16, 1024, 128);
        arch::wgmma<bf16_bits, tile_n, arch::major::k, arch::major::k>(sums, x, w, i + kk > 0);
      }
      arch::wgmma_commit();
      arch::wgmma_wait<0>();
      if (arch::thread_index() % 128 == 0) arch::mbarrier_arrive(empty(stage));
    }
  }

  static GEMMACT_FN void store(const params& p, u32 tile, u32 group, const array<float, tile_n / 2>& sums) {
    const u32 lane = arch::lane_index(), warp = arch::warp_index() % 4;
    const shared_address y = arch::dynamic_shared() + (y_at + group * y_bytes);
    const bool first = arch::thread_index() % 128 == 0;
    if (first) arch::bulk_wait_read<0>();      // the tile of Y is free
    if (group == 0) arch::sync_named<1>(128);  // the tile of Y is free
    else arch::sync_named<2>(128);             // the tile of Y is free
    for (u32 j = 0; j < tile_n / 8; j += 2) {
      array<u32, 4> packed;
      for (u32 r = 0; r < 4; ++r)
        packed[int(r)] = arch::pack_bf16(sums[int(4 * j + 2 * r)], sums[int(4 * j + 2 * r + 1)]);
      const u32 row = 16 * warp + lane % 8 + 8 * (lane / 8 & 1), column = 8 * (j + lane / 16);
      arch::stmatrix<false>(y + swizzle<128>(row * 128 + column * 2), packed);
    }
    arch::fence_proxy_async();
    if (group == 0) arch::sync_named<1>(128);
    else arch::sync_named<2>(128);
    if (first) {
      const u32 columns = ceil_div(p.n, tile_n);
      arch::tma_store(p.y, y, i32(tile % columns * tile_n), i32(tile / columns * tile_m + 64 * group));
      arch::bulk_commit();
    }
  }

  static GEMMACT_FN void run(const params& p) {
    if (arch::thread_index() == 0) {
      for (u32 s = 0; s < stages; ++s) {
        arch::mbarrier_init(full(s), 1);
        arch::mbarrier_init(empty(s), consumers);
      }
      arch::mbarrier_init_fence();
    }
    arch::sync_block();
    const u32 tiles = ceil_div(p.m, tile_m) * ceil_div(p.n, tile_n), warpgroup = arch::warp_index() / 4;
    u32 step = 0;
    if (warpgroup == 0) {
      arch::decrease_registers<40>();
      if (arch::thread_index() == 0) {
        for (u32 tile = arch::block_index(); tile < tiles; tile += arch::block_count()) produce(p, tile, step);
      }
    } else {
      arch::increase_registers<232>();
      array<float, tile_n / 2> sums = {};
      for (u32 tile = arch::block_index(); tile < tiles; tile += arch::block_count()) {
        multiply(p, warpgroup - 1, step, sums);
        store(p, tile, warpgroup - 1, sums);
      }
      if (arch::thread_index() % 128 == 0) arch::bulk_wait_read<0>();
    }
  }
};

}  // namespace gemmact::test

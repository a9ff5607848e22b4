// What is written = epilogue(A B^T) by TMA, mbarriers and wgmma, for sm_90a.
//
//   z[i, j] = sum over l of a[i, l] b[j, l],   A m x k, B n x k, each along k or along its rows; f32 sums
//
// Shared memory:  stage 0 .. stages-1   each: block_m rows of A, then block_n rows of B, 128 bytes along k, swizzled
//                 8 x slabs             each consumer warp's own: 16 rows of Y on their way out (staged)
//                 barriers              full[0 .. stages-1], empty[0 .. stages-1]
//
//   barrier    arrivals a phase                            who waits
//   full[s]    the producer, and a stage's bytes           the consumers of the stage's tile
//   empty[s]   one thread of each consumer of the tile,    the producer
//              of each block of the cluster
//   named 1+c  the consumers of a tile (splits)            the same
//
// Roles: warpgroup 0 loads (one thread of it) and keeps few registers; warpgroups 1 and 2 multiply and finish. A consumer
// lets go of a stage when the wgmmas of the next one are under way and its own are done. In the epilogue each warp is by
// itself: it fills a slab, which one of its lanes has TMA store; the slab is filled again when the store has read it.
// Blocks are persistent: cluster b works on units b, b + clusters, ..., and the copies run ahead into the next units. With
// pingpong the consumers take turns, unit by unit.
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/params.hpp"
#include "kernels/tile/shared_sums.cuh"
#include "kernels/tile/staged_strip.cuh"
#include "kernels/tile/warpgroup_product.cuh"

namespace gemmact::families::gemm_sm90 {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gemm_sm90::params;
  static constexpr u32 threads = c.threads(), min_blocks = 1, shared_bytes = c.shared_bytes();

  static GEMMACT_FN void run(const params& p) {
    set_up(p);
    const u32 warpgroup = arch::warp_index() / 4;
    if (warpgroup == 0) {
      arch::decrease_registers<producer_registers>();
      if (arch::thread_index() == 0) produce(p);
      arch::sync_warp();
    } else {
      arch::increase_registers<consumer_registers>();
      consume(p, warpgroup - 1);
    }
    Epilogue::finish(p.out);
    if constexpr (c.cluster > 1) meet_cluster();  // the other block may still write to this one's memory
  }

 private:
  static constexpr u32 producer_registers = 40, consumer_registers = 232;
  static constexpr u32 element_bytes = same<T, tf32> ? 4 : sizeof(T), stage_elems = c.span / element_bytes;
  using product = tile::warpgroup_product<T, tile::warpgroup_shape{c.consumer_rows(), c.block_n, c.a_along_k,
                                                                   c.b_along_k, c.promotes}>;
  using unit = tile::work_unit<c.batched, c.splits>;
  using slab = tile::slab<c.slab_span()>;
  static_assert(c.consumer_rows() % 64 == 0 && c.block_n % 32 == 0 && c.block_n <= 256, "wgmmas of whole slices");
  static_assert(c.b_along_k || c.block_n % (64 * c.cluster) == 0, "whole panels");

  static GEMMACT_FN shared_address full(u32 step) {
    return arch::dynamic_shared() + (c.barriers_at() + 8 * (step % c.stages));
  }
  static GEMMACT_FN shared_address empty(u32 step) { return full(step) + 8 * c.stages; }
  static GEMMACT_FN u32 parity(u32 step) { return step / c.stages & 1; }
  static GEMMACT_FN shared_address stage_at(u32 step) {
    return arch::dynamic_shared() + step % c.stages * c.stage_bytes();
  }

  static GEMMACT_FN void meet_cluster() {
    arch::cluster_arrive();
    arch::cluster_wait();
  }

  static GEMMACT_FN void set_up(const params& p) {
    if (arch::thread_index() == 0) {
      arch::tma_prefetch(p.a);
      arch::tma_prefetch(p.b);
      if constexpr (c.staged) arch::tma_prefetch(p.y);
      for (u32 s = 0; s < c.stages; ++s) {
        arch::mbarrier_init(full(s), 1);
        arch::mbarrier_init(empty(s), c.cluster * (c.pingpong ? 1 : c.consumers));
      }
      arch::mbarrier_init_fence();
    }
    if constexpr (c.cluster > 1) meet_cluster();
    else arch::sync_block();
  }

  // The block's units: `visit(unit)` in turn.
  template <class Visit>
  static GEMMACT_FN void each_unit(const params& p, const Visit& visit) {
    const u32 clusters = arch::block_count() / c.cluster, count = unit::count(p.work);
    for (u32 index = arch::block_index() / c.cluster; index < count; index += clusters) visit(unit(p.work, index));
  }

  static GEMMACT_FN u32 first_row(const unit& u) {
    if constexpr (c.cluster == 1) return u.place.row * c.block_m;
    else return (u.place.row * c.cluster + arch::cluster_rank()) * c.block_m;
  }

  static GEMMACT_FN void produce(const params& p) {
    u32 step = 0;
    each_unit(p, [&](const unit& u) {
      const u32 row = first_row(u), col = u.place.col * c.block_n, first = u.first_stage(p.work);
      for (u32 i = 0; i < u.stages(p.work); ++i, ++step) {
        if constexpr (c.cluster > 1) arch::mbarrier_wait_cluster(empty(step), parity(step) ^ 1);
        else arch::mbarrier_wait(empty(step), parity(step) ^ 1);
        arch::mbarrier_arrive_expect(full(step), c.stage_bytes());
        const u32 depth = (first + i) * stage_elems;
        load<c.block_m, c.a_along_k>(stage_at(step), p.a, full(step), row, depth, u.batch * p.a_batches);
        load_shared<c.block_n, c.b_along_k>(stage_at(step) + c.a_bytes(), p.b, full(step), col, depth,
                                            u.batch * p.b_batches);
      }
    });
  }

  // `rows` rows of an operand from `row` on, a stage deep.
  template <u32 rows, bool along_k>
  static GEMMACT_FN void load(shared_address to, const tensor_map& map, shared_address barrier, u32 row, u32 depth,
                              u32 batch) {
    if constexpr (along_k) {
      copy(to, map, barrier, depth, row, batch);
    } else {
      GEMMACT_UNROLL
      for (u32 panel = 0; panel < rows / 64; ++panel)
        copy(to + panel * product::unit_bytes, map, barrier, row + 64 * panel, depth, batch);
    }
  }

  static GEMMACT_FN void copy(shared_address to, const tensor_map& map, shared_address barrier, u32 x, u32 y,
                              u32 batch) {
    if constexpr (c.batched) arch::tma_load(to, map, barrier, i32(x), i32(y), i32(batch));
    else arch::tma_load(to, map, barrier, i32(x), i32(y));
  }

  // The same of rows that all blocks of the cluster need: each brings its part to all of them.
  template <u32 rows, bool along_k>
  static GEMMACT_FN void load_shared(shared_address to, const tensor_map& map, shared_address barrier, u32 row,
                                     u32 depth, u32 batch) {
    if constexpr (c.cluster == 1) {
      load<rows, along_k>(to, map, barrier, row, depth, batch);
    } else {
      constexpr u32 part = rows / c.cluster;
      const u32 first = arch::cluster_rank() * part;
      if constexpr (along_k) {
        multicast(to + first * c.span, map, barrier, depth, row + first, batch);
      } else {
        GEMMACT_UNROLL
        for (u32 panel = 0; panel < part / 64; ++panel)
          multicast(to + (first / 64 + panel) * product::unit_bytes, map, barrier, row + first + 64 * panel, depth,
                    batch);
      }
    }
  }

  static GEMMACT_FN void multicast(shared_address to, const tensor_map& map, shared_address barrier, u32 x, u32 y,
                                   u32 batch) {
    constexpr u16 all = u16((1 << c.cluster) - 1);
    if constexpr (c.batched) arch::tma_load_multicast(to, map, barrier, all, i32(x), i32(y), i32(batch));
    else arch::tma_load_multicast(to, map, barrier, all, i32(x), i32(y));
  }

  static GEMMACT_FN void consume(const params& p, u32 consumer) {
    product z;
    u32 step = 0, turn = 0, next_slab = 0;
    each_unit(p, [&](const unit& u) {
      const u32 stages = u.stages(p.work);
      if (!c.pingpong || turn == consumer) {
        accumulate(step, stages, consumer, z);
        if (!c.splits || gather(p, u, consumer, z)) finish(p, u, consumer, z, next_slab);
      }
      step += stages;
      turn ^= 1;
    });
    if (c.staged && arch::lane_index() == 0) arch::bulk_wait_read<0>();  // before the block's memory goes
  }

  static GEMMACT_FN void accumulate(u32 step, u32 stages, u32 consumer, product& z) {
    const u32 a_at = c.pingpong ? 0 : consumer * c.consumer_rows() * c.span;
    z.keep();
    for (u32 i = 0; i < stages; ++i, ++step) {
      arch::mbarrier_wait(full(step), parity(step));
      const shared_address a = stage_at(step) + a_at, b = stage_at(step) + c.a_bytes();
      if constexpr (c.promotes) {
        z.promote(a, b, i != 0);
        release(step);
      } else {
        z.begin(a, b, i != 0);
        arch::wgmma_commit();
        arch::wgmma_wait<1>();
        if (i != 0) release(step - 1);
      }
    }
    if constexpr (!c.promotes) {
      arch::wgmma_wait<0>();
      release(step - 1);
    }
    z.keep();
  }

  static GEMMACT_FN void release(u32 step) {
    const u32 thread = arch::thread_index() % c.consumer_threads;
    if constexpr (c.cluster == 1) {
      if (thread == 0) arch::mbarrier_arrive(empty(step));
    } else {
      if (thread < c.cluster) arch::mbarrier_arrive_cluster(arch::map_shared(empty(step), thread));
    }
  }

  // With splits: true for the consumers that have all sums of a tile.
  static GEMMACT_FN bool gather(const params& p, const unit& u, u32 consumer, product& z) {
    constexpr u32 together = c.consumer_threads * (c.pingpong ? 1 : c.consumers);
    const u32 own = c.pingpong ? consumer : 0;
    const auto meet = [&] {
      if (own == 0) arch::sync_named<1>(together);
      else arch::sync_named<2>(together);
    };
    return tile::gather<together>(p.sums, p.work, u, arch::thread_index() % together,
                                  arch::dynamic_shared() + (c.answers_at() + 16 * own), z, meet);
  }

  // The warp's part of the tile: 16 rows of each unit of 64.
  static GEMMACT_FN void finish(const params& p, const unit& u, u32 consumer, product& z, u32& next_slab) {
    constexpr int slab_slices = int(slab::cols / tile::strip_cols), slices = int(c.block_n / tile::strip_cols);
    const u32 warp = arch::warp_index() % 4, lane = arch::lane_index();
    const u32 col = u.place.col * c.block_n;
    const u32 row = first_row(u) + (c.pingpong ? 0 : consumer * c.consumer_rows()) + 16 * warp;
    const shared_address own = arch::dynamic_shared() + (c.slabs_at() + (4 * consumer + warp) * c.warp_slab_bytes());
    using place = tile::strip_place_of<tile::pairs>;
    const auto place_of = [&](int slice) {
      return place::make(u.batch, col + u32(slice) * tile::strip_cols + 2 * (lane % 4), p.n);
    };
    // What is the same for all rows is read a slice ahead.
    Epilogue steps[2];
    GEMMACT_UNROLL
    for (int i = 0; i < product::units; ++i) {
      const u32 unit_row = row + 64 * u32(i);
      if (unit_row >= p.m) break;
      steps[0].begin(p.out, place_of(0));
      GEMMACT_UNROLL
      for (int slice = 0; slice < slices; ++slice) {
        const u32 slice_col = col + u32(slice) * tile::strip_cols;
        if (slice_col >= p.n) break;
        if (slice + 1 < slices) steps[(slice + 1) % 2].begin(p.out, place_of(slice + 1));
        const shared_address to = own + next_slab * slab::bytes;
        if (c.staged && slice % slab_slices == 0) free_slab();
        GEMMACT_UNROLL
        for (int half = 0; half < 2; ++half) {
          tile::staged_strip s;
          static_cast<place&>(s) = place_of(slice);
          s.row = unit_row + 8 * u32(half) + lane / 4;
          if (s.row >= p.m) s.valid = 0;
          GEMMACT_UNROLL
          for (int j = 0; j < int(tile::strip_width); ++j)
            s.value[j] = z.sum[i][16 * slice + 4 * (j / 2) + 2 * half + j % 2];
          if constexpr (c.staged) s.staged = slab::row_of_lane(to, u32(half), u32(slice % slab_slices));
          steps[slice % 2].apply(p.out, s);
        }
        const bool last = slice % slab_slices == slab_slices - 1 || slice_col + tile::strip_cols >= p.n;
        if (c.staged && last) {
          store_slab(p, to, slice_col - u32(slice % slab_slices) * tile::strip_cols, unit_row, u.batch);
          next_slab = (next_slab + 1) % c.slabs;
        }
      }
    }
    steps[0].end(p.out, u.batch);
    steps[1].end(p.out, u.batch);
  }

  // Until TMA has read what was in the slab that is filled next.
  static GEMMACT_FN void free_slab() {
    if (arch::lane_index() == 0) arch::bulk_wait_read<c.slabs - 1>();
    arch::sync_warp();
  }

  static GEMMACT_FN void store_slab(const params& p, shared_address from, u32 col, u32 row, u32 batch) {
    arch::fence_proxy_async();
    arch::sync_warp();
    if (arch::lane_index() != 0) return;
    if constexpr (c.batched) arch::tma_store(p.y, from, i32(col), i32(row), i32(batch));
    else arch::tma_store(p.y, from, i32(col), i32(row));
    arch::bulk_commit();
  }
};

}  // namespace gemmact::families::gemm_sm90

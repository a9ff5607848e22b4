// D = epilogue(A B^T) by TMA, mbarriers and wgmma, for sm_90a.
//
//   z[i, j] = sum over l of a[i, l] b[j, l],   A m x depth, B n x depth, each along the depth or along its rows; f32 sums
//
// What A, B and D are: kernels/families/facing.hpp. Several products share A's tiles (parts: B's tile has as many rows of each
// B, all are multiplied at once, and a thread has every product's sum of an element), are summed (pairs: stretches of the
// depth with maps of their own; the batch's entries may be such stretches, too), or have a D each (outputs).
//
// Shared memory:  stage 0 .. stages-1   each: block_m rows of A, then block_n of B, 128 bytes along the depth, swizzled
//                 8 x slabs             each consumer warp's own: 16 rows on their way out, or in (finisher.cuh)
//                 ones                  256 bytes, with sums of A's rows
//                 sums over rows        f32 (tile_sums.cuh): [8 warps][sums][columns], or one of each of the tile's rows
//                 barriers              full[0 .. stages-1], empty[0 .. stages-1], 8 x arrived[0 .. slabs-1]
//
//   barrier    arrivals a phase                            who waits
//   full[s]    the producer, and a stage's bytes           the consumers of the stage's tile
//   empty[s]   one thread of each consumer of the tile,    the producer
//              of each block of the cluster
//   named 1    the consumers (splits, sums over rows)      the same
//   named 2+c  consumer c, and the other one that has      consumer c, before it multiplies (pingpong)
//              begun all of its tile's wgmmas
//   named 4+c  consumer c (sums over rows, pingpong)       the same
//
// Roles: warpgroup 0 loads (one thread of it) and keeps few registers; warpgroups 1 and 2 multiply and finish. A consumer
// lets go of a stage when the wgmmas of the next one are under way and its own are done. In the epilogue each warp is by
// itself. Blocks are persistent: cluster b works on units b, b + clusters, ..., and the copies run ahead into the next
// units. With pingpong the consumers take turns, unit by unit: a stage's phases have one bit, so that who waits for one must
// know that the phase before it is over, which the other consumer has waited for.
//
// The grid may begin before the stream's kernel before it has ended, and lets the next one do so.
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gemm_sm90/block_tiles.cuh"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/finisher.cuh"
#include "kernels/families/gemm_sm90/operand_loader.cuh"
#include "kernels/families/gemm_sm90/params.hpp"
#include "kernels/tile/shared_sums.cuh"
#include "kernels/tile/warpgroup_product.cuh"

namespace gemmact::families::gemm_sm90 {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gemm_sm90::params<c.maps()>;
  static constexpr u32 threads = c.threads(), min_blocks = 1, shared_bytes = c.shared_bytes();

  static GEMMACT_FN void run(const params& p) {
    set_up(p);
    arch::wait_for_previous_kernel();  // it may still write what is read here, or read what is written
    arch::let_next_kernel_start();
    const u32 warpgroup = arch::warp_index() / 4;
    if (warpgroup == 0) {
      arch::decrease_registers<producer_registers>();
      if (arch::thread_index() == 0) produce(p);
      arch::sync_warp();  // the producer's lanes meet again
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
                                                                   c.b_along_k, c.promotes, c.sums_a != 0}>;
  using tiles = block_tiles<c>;
  using unit = typename tiles::unit;
  using loader = operand_loader<c>;
  static_assert(c.consumer_rows() % 64 == 0 && c.block_n % 32 == 0 && c.block_n <= 256, "wgmmas of whole slices");
  static_assert(c.width() * c.parts == c.block_n && c.width() % 32 == 0, "whole slices of each part");
  static_assert(!c.splits || (!c.pingpong && c.cluster == 1), "a tile's parts are of as many blocks, all of each");
  static_assert(c.b_along_k || c.width() % (64 * c.cluster) == 0, "whole panels");

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
      GEMMACT_UNROLL
      for (u32 i = 0; i < c.maps(); ++i) arch::tma_prefetch(p.map[i]);
      for (u32 s = 0; s < c.stages; ++s) {
        arch::mbarrier_init(full(s), 1);
        arch::mbarrier_init(empty(s), c.cluster * (c.pingpong ? 1 : c.consumers));
      }
      if constexpr (c.reads) {
        const shared_address arrived = arch::dynamic_shared() + c.arrivals_at();
        for (u32 i = 0; i < c.arrivals(); ++i) arch::mbarrier_init(arrived + 8 * i, 1);
      }
      arch::mbarrier_init_fence();
    }
    if constexpr (c.sums_a != 0) {
      if (arch::warp_index() == 1) write_ones();
    }
    if constexpr (c.cluster > 1) meet_cluster();
    else arch::sync_block();
  }

  // A matrix whose elements are all 1, for wgmma: by one warp.
  static GEMMACT_FN void write_ones() {
    constexpr u32 two = same<T, bf16_bits> ? 0x3f803f80u : 0x3c003c00u;
    static_assert(c.sums_a == 0 || same<T, bf16_bits> || same<T, f16_bits>,
                  "sums of what is stored, not of what is rounded");
    static_assert(c.ones_bytes() <= product::ones_bytes);
    arch::store_shared(arch::dynamic_shared() + (c.ones_at() + 8 * arch::lane_index()), array<u32, 2>{{two, two}});
    arch::fence_proxy_async();
  }

  static GEMMACT_FN void produce(const params& p) {
    u32 step = 0;
    tiles::each(p, [&](const unit& u, u32) {
      const auto corner = tiles::corner_of(p, u);
      u32 in_stretch = u.first_stage(p.work), stretch = 0;
      if constexpr (c.stretches()) stretch = p.work.segment(in_stretch), in_stretch = p.work.in_segment(in_stretch);
      typename loader::place at{corner.row, corner.col, in_stretch * stage_elems,
                                corner.product + (c.pairs > 1 ? stretch : 0), c.sums_batch ? stretch : corner.entry};
      for (u32 left = u.stages(p.work); left != 0; --left, ++step) {
        if constexpr (c.cluster > 1) arch::mbarrier_wait_freed(empty(step), parity(step) ^ 1);
        else arch::mbarrier_wait(empty(step), parity(step) ^ 1);
        arch::mbarrier_arrive_expect(full(step), c.stage_bytes());
        loader::load(p, stage_at(step), full(step), at);
        at.depth += stage_elems;
        if constexpr (c.stretches()) {
          if (++in_stretch != p.work.segment_stages) continue;
          in_stretch = at.depth = 0;
          if constexpr (c.sums_batch) ++at.batch;
          else ++at.product;
        }
      }
    });
  }

  static GEMMACT_FN void consume(const params& p, u32 consumer) {
    product z;
    finisher<c, Epilogue, product> finish(p, consumer);
    u32 step = 0;
    tiles::each(p, [&](const unit& u, u32 number) {
      const u32 stages = u.stages(p.work);
      if (!c.pingpong || number % 2 == consumer) {
        finish.fetch(p, u);
        if (c.pingpong && number != 0) take_turn(consumer);
        const bool passes = c.pingpong && tiles::first() + (number + 1) * tiles::step() < tiles::count(p);
        if constexpr (c.sums_a == 0 || c.splits) {
          multiply<c.sums_a != 0>(step, stages, consumer, passes, z);  // only the first columns' rows are left
        } else if (tiles::corner_of(p, u).col == 0) {
          multiply<true>(step, stages, consumer, passes, z);
        } else {
          multiply<false>(step, stages, consumer, passes, z);
        }
        if (!c.splits || gather(p, u, z)) finish.finish(p, u, z);
      }
      step += stages;
    });
    finish.leave();
  }

  // A tile's products; passes the turn on (pingpong) when all have begun.
  template <bool row_sums>
  static GEMMACT_FN void multiply(u32 step, u32 stages, u32 consumer, bool passes, product& z) {
    typename product::row_products rows;
    z.keep();
    if constexpr (row_sums) rows.keep();
    begin<row_sums>(step, stages, consumer, z, rows);
    if (passes) pass_turn(consumer);
    if constexpr (!c.promotes) {
      arch::wgmma_wait<0>();
      release(step + stages - 1);
    }
    z.keep();
    if constexpr (row_sums) {
      rows.keep();
      z.take_row_sums(rows);
    }
  }

  // Those of the last stage may still be under way then.
  template <bool row_sums>
  static GEMMACT_FN void begin(u32 step, u32 stages, u32 consumer, product& z,
                               [[maybe_unused]] typename product::row_products& rows) {
    const u32 a_at = c.pingpong ? 0 : consumer * c.consumer_rows() * c.span;
    for (u32 i = 0; i < stages; ++i, ++step) {
      arch::mbarrier_wait(full(step), parity(step));
      const shared_address a = stage_at(step) + a_at, b = stage_at(step) + c.a_bytes();
      if constexpr (c.promotes) {
        z.promote(a, b, i != 0);
        release(step);
      } else {
        z.begin(a, b, i != 0);
        if constexpr (row_sums) product::begin_row_sums(rows, a, arch::dynamic_shared() + c.ones_at(), i != 0);
        arch::wgmma_commit();
        arch::wgmma_wait<1>();
        if (i != 0) release(step - 1);
      }
    }
  }

  static GEMMACT_FN void take_turn(u32 consumer) {
    if (consumer == 0) arch::sync_named<2>(c.consumers * c.consumer_threads);
    else arch::sync_named<3>(c.consumers * c.consumer_threads);
  }
  static GEMMACT_FN void pass_turn(u32 consumer) {
    if (consumer == 0) arch::arrive_named<3>(c.consumers * c.consumer_threads);
    else arch::arrive_named<2>(c.consumers * c.consumer_threads);
  }

  static GEMMACT_FN void release(u32 step) {
    const u32 thread = arch::thread_index() % c.consumer_threads;
    if constexpr (c.cluster == 1) {
      if (thread == 0) arch::mbarrier_arrive(empty(step));
    } else {
      if (thread < c.cluster) arch::mbarrier_free_cluster(arch::map_shared(empty(step), thread));
    }
  }

  // With splits: true for the consumers if they have all sums of a tile.
  static GEMMACT_FN bool gather(const params& p, const unit& u, product& z) {
    constexpr u32 together = c.consumers * c.consumer_threads;
    const auto meet = [] { arch::sync_named<1>(together); };
    return tile::gather<together>(p.sums, p.work, u, arch::thread_index() % together,
                                  arch::dynamic_shared() + c.answer_at(), z, meet);
  }
};

}  // namespace gemmact::families::gemm_sm90

// Probes of kernels/arch/mbarrier, and of what completes on such a barrier: cp.async and runs of bytes.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "tests/arch/device/probes/add.hpp"

namespace gemmact::device_test {

// A barrier at `at` for `arrivals`, known to the block.
GEMMACT_FN void start_barrier(shared_address at, u32 arrivals) {
  if (arch::thread_index() == 0) {
    arch::mbarrier_init(at, arrivals);
    arch::mbarrier_init_fence();
  }
  arch::sync_block();
}

// Warp 1 fills a place again and again, warp 0 empties it; parities 0 and 1 by turns, and 1 first where nothing is to wait for.
struct phases_probe {
  static constexpr u32 threads = 64, first = 90, rounds = 7;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address full = arch::dynamic_shared(), empty = full + 8, place = full + 16;
    start_barrier(full, 32);
    start_barrier(empty, 32);
    const u32 lane = arch::lane_index();
    for (u32 round = 0; round < rounds; ++round) {
      if (arch::warp_index() == 1) {
        arch::mbarrier_wait(empty, (round & 1) ^ 1);
        arch::store_shared(place + 4 * lane, 100 * round + lane);
        arch::mbarrier_arrive(full);
      } else {
        arch::mbarrier_wait(full, round & 1);
        output_at(p, 32 * round + lane, arch::load_shared<u32>(place + 4 * (31 - lane)));
        arch::mbarrier_arrive(empty);
      }
    }
    arch::sync_block();
    if (arch::thread_index() == 0) arch::mbarrier_invalidate(full);
  }
};

// Runs of bytes in and out; expecting and arriving apart, then together.
struct bulk_probe {
  static constexpr u32 threads = 64, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address place = arch::dynamic_shared(), barrier = place + 2048;
    const u32 thread = arch::thread_index();
    start_barrier(barrier, 1);
    if (thread == 0) {
      arch::mbarrier_expect(barrier, 1024);
      arch::bulk_load(place, p.in, 1024, barrier);
      arch::mbarrier_arrive(barrier);
    }
    arch::mbarrier_wait(barrier, 0);
    arch::sync_block();  // a thread that came two phases late would wait for ever
    if (thread == 0) {
      arch::mbarrier_arrive_expect(barrier, 1008 + 16);
      arch::bulk_load(place + 1024, p.in + 1024, 1008, barrier, arch::cache_policy::evict_first);
      arch::bulk_load(place + 2032, p.in + 2032, 16, barrier);
    }
    arch::mbarrier_wait(barrier, 1);
    for (u32 i = thread; i < 512; i += threads)
      arch::store_shared(place + 4 * i, ~arch::load_shared<u32>(place + 4 * i));
    arch::fence_proxy_async();
    arch::sync_block();
    if (thread == 0) {
      arch::bulk_store(p.out, place, 1040);
      arch::bulk_commit();
      arch::bulk_store(p.out + 1040, place + 1040, 1008, arch::cache_policy::evict_last);
      arch::bulk_commit();
      arch::bulk_wait_read<1>();
      arch::bulk_wait<0>();
    }
  }
};

// The barrier counts a thread when its copies have landed.
struct cp_async_arrive_probe {
  static constexpr u32 threads = 64, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address place = arch::dynamic_shared(), barrier = place + 1024;
    const u32 thread = arch::thread_index();
    start_barrier(barrier, threads);
    arch::cp_async<16>(place + 16 * thread, p.in + i64(16 * thread), 16);
    arch::cp_async_arrive(barrier);
    arch::mbarrier_wait(barrier, 0);
    output_at(p, thread, arch::load_shared<array<u32, 4>>(place + 16 * (63 - thread)));
  }
};

inline void add_barrier_probes(probes& all) {
  std::vector<u32> rounds;
  for (u32 round = 0; round < phases_probe::rounds; ++round)
    for (u32 lane = 0; lane < 32; ++lane) rounds.push_back(100 * round + 31 - lane);
  add<phases_probe>(all, "mbarrier.phases", {}, bytes_of(rounds)).shared_bytes = 256;
  const bytes run = random_bytes("bulk", 2048);
  bytes inverse = run, reversed(1024);
  for (u8& one : inverse) one = u8(~one);
  add<bulk_probe>(all, "tma.runs", run, inverse).shared_bytes = 2064;
  for (u32 i = 0; i < 64; ++i) std::memcpy(&reversed[16 * i], &run[16 * (63 - i)], 16);
  add<cp_async_arrive_probe>(all, "cp_async.arrive", bytes(run.begin(), run.begin() + 1024), reversed).shared_bytes =
      1040;
}

}  // namespace gemmact::device_test

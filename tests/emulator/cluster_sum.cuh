// Two blocks share what each loads: a box to both of them, round after round; each thread sums the words of its place. For the emulator's own tests.
//
//   barrier  arrivals a phase                               who waits
//   full     the block's first thread, and a round's bytes  the block
//   empty    one thread of each block                       the block's first thread, as it writes into both
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"

namespace gemmact::test {

struct cluster_sum {
  static constexpr u32 threads = 128, box_bytes = 1024, round_bytes = 2 * box_bytes, rounds = 4;
  static constexpr u32 words = round_bytes / 4, shared_bytes = round_bytes + 16;

  struct params {
    tensor_map in;       // u32: 32 x (16 * rounds), boxes of 32 x 8
    global_address out;  // two blocks of `words` sums
  };

  static GEMMACT_FN void load(const params& p, u32 round) {
    const shared_address full = arch::dynamic_shared() + round_bytes, empty = full + 8;
    const u32 rank = arch::cluster_rank();
    arch::mbarrier_wait_cluster(empty, (round & 1) ^ 1);
    arch::mbarrier_arrive_expect(full, round_bytes);
    arch::tma_load_multicast(arch::dynamic_shared() + rank * box_bytes, p.in, full, 3, 0, i32(16 * round + 8 * rank));
  }

  static GEMMACT_FN void run(const params& p) {
    const shared_address full = arch::dynamic_shared() + round_bytes, empty = full + 8;
    const bool first = arch::thread_index() == 0;
    if (first) {
      arch::mbarrier_init(full, 1);
      arch::mbarrier_init(empty, 2);
      arch::mbarrier_init_fence();
    }
    arch::cluster_arrive();
    arch::cluster_wait();
    array<u32, words / threads> sums{};
    for (u32 round = 0; round < rounds; ++round) {
      if (first) load(p, round);
      arch::mbarrier_wait(full, round & 1);
      for (u32 i = 0; i < words / threads; ++i) {
        sums[int(i)] += arch::load_shared<u32>(arch::dynamic_shared() + 4 * (i * threads + arch::thread_index()));
      }
      arch::fence_proxy_async();  // after the last round nothing loads
      arch::sync_block();         // after the last round nothing loads
      if (arch::thread_index() < 2) arch::mbarrier_arrive_cluster(arch::map_shared(empty, arch::thread_index()));
    }
    for (u32 i = 0; i < words / threads; ++i) {
      const u32 place = arch::block_index() * words + i * threads + arch::thread_index();
      arch::store_global(p.out + 4 * i64(place), sums[int(i)]);
    }
    arch::cluster_arrive_relaxed();
    arch::cluster_wait();
  }
};

}  // namespace gemmact::test

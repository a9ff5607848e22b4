// Probes of kernels/arch/cluster, of the accesses and of the barriers that reach another block.
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "tests/arch/device/probes/barrier.cuh"

namespace gemmact::device_test {

// Each of four blocks reads its left neighbour's memory and writes into its right one's.
struct neighbours_probe {
  static constexpr u32 threads = 32, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 rank = arch::cluster_rank(), size = arch::cluster_size(), lane = arch::lane_index();
    const shared_address own = arch::dynamic_shared() + 4 * lane;
    arch::cluster_arrive_relaxed();  // they all have started
    arch::cluster_wait();
    arch::store_shared(own, 1000 * rank + lane);
    arch::cluster_arrive();
    arch::cluster_wait();
    const u32 left = arch::load_cluster<u32>(arch::map_shared(own, (rank + size - 1) % size));
    arch::store_cluster(arch::map_shared(own + 128, (rank + 1) % size), left + 5);
    arch::cluster_arrive();
    arch::cluster_wait();
    output_at(p, (arch::block_index() * 32 + lane) * 2, left);
    output_at(p, (arch::block_index() * 32 + lane) * 2 + 1, arch::load_shared<u32>(own + 128));
  }
};

// Block 1 writes into block 0's memory and says so on block 0's barrier; then with bytes that it expects there and copies.
struct remote_barrier_probe {
  static constexpr u32 threads = 32, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address barrier = arch::dynamic_shared(), counted = barrier + 8, place = barrier + 16,
                         run = barrier + 256;
    const u32 lane = arch::lane_index();
    start_barrier(barrier, 32);
    start_barrier(counted, 1);
    arch::cluster_arrive();
    arch::cluster_wait();
    if (arch::cluster_rank() == 1) {
      arch::store_cluster(arch::map_shared(place + 4 * lane, 0), 7 * lane);
      arch::mbarrier_arrive_cluster(arch::map_shared(barrier, 0));
      if (lane == 0) arch::mbarrier_arrive_expect_cluster(arch::map_shared(counted, 0), 128);
    } else {
      if (lane == 0) arch::bulk_load(run, p.in, 128, counted);
      arch::mbarrier_wait_cluster(barrier, 0);
      output_at(p, lane, arch::load_shared<u32>(place + 4 * (31 - lane)));
      arch::mbarrier_wait_cluster(counted, 0);
      output_at(p, 32 + lane, arch::load_shared<u32>(run + 4 * lane));
    }
    arch::cluster_arrive();
    arch::cluster_wait();
  }
};

inline void add_cluster_probes(probes& all) {
  std::vector<u32> neighbours, remote;
  for (u32 rank = 0; rank < 4; ++rank)
    for (u32 lane = 0; lane < 32; ++lane) {
      neighbours.push_back(1000 * ((rank + 3) % 4) + lane);
      neighbours.push_back(1000 * ((rank + 2) % 4) + lane + 5);
    }
  probe& four = add<neighbours_probe>(all, "cluster.neighbours", {}, bytes_of(neighbours));
  four.blocks = four.cluster = 4;
  four.shared_bytes = 256;
  const bytes run = random_bytes("remote barrier", 128);
  for (u32 lane = 0; lane < 32; ++lane) remote.push_back(7 * (31 - lane));
  probe& two = add<remote_barrier_probe>(all, "cluster.remote_barrier", run, joined({bytes_of(remote), run}));
  two.blocks = two.cluster = 2;
  two.shared_bytes = 384;
}

}  // namespace gemmact::device_test

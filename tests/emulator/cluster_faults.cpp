// Faults of blocks that run together.
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "tests/emulator/fault_parts.hpp"
#include "tests/emulator/faults.hpp"

namespace gemmact::test {
namespace {

void arrival_relaxed_as_a_lane_returns() {
  shuffle_warps();
  cluster_arrive();
  cluster_wait();
  store_shared(at(4 * thread_index()), 1u);
  if (lane_index() == 29) return;  // the last one to go on
  cluster_arrive_relaxed();
  cluster_wait();
  load_cluster<u32>(map_shared(at(4 * thread_index()), cluster_rank() ^ 1));
  cluster_arrive();
  cluster_wait();
}

void peer_used_before_it_may_have_started() {
  shuffle_warps();
  if (first_thread()) store_cluster(map_shared(at(256), cluster_rank() ^ 1), 1u);
  cluster_arrive();
  cluster_wait();
}
void peer_used_as_it_may_end() {
  cluster_arrive();
  cluster_wait();
  shuffle_warps();
  if (first_thread() && cluster_rank() == 1) load_cluster<u32>(map_shared(at(256), 0));
}
void init_fence_missing_before_a_relaxed_arrival() {
  if (first_thread()) mbarrier_init(at(0), 2);
  shuffle_warps();
  cluster_arrive_relaxed();
  cluster_wait();
  if (first_thread()) mbarrier_arrive_cluster(map_shared(at(0), cluster_rank() ^ 1));
  cluster_arrive();
  cluster_wait();
}

}  // namespace

std::vector<planted_fault> cluster_faults() {
  const emulator::shape pair{2, 64, 1024, 2};
  using emulator::report_kind;
  return {
      {"arrival_relaxed_as_a_lane_returns", report_kind::race, "no barrier", pair, arrival_relaxed_as_a_lane_returns},
      {"peer_used_before_it_may_have_started", report_kind::race, "may not have started", pair,
       peer_used_before_it_may_have_started},
      {"peer_used_as_it_may_end", report_kind::bad_use, "ended", pair, peer_used_as_it_may_end},
      {"init_fence_missing_before_a_relaxed_arrival", report_kind::race, "mbarrier_init_fence did not follow", pair,
       init_fence_missing_before_a_relaxed_arrival},
  };
}

}  // namespace gemmact::test

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
  if (lane_index() == 31) return;
  cluster_arrive_relaxed();
  cluster_wait();
  load_cluster<u32>(map_shared(at(4 * thread_index()), cluster_rank() ^ 1));
  cluster_arrive();
  cluster_wait();
}

}  // namespace

std::vector<planted_fault> cluster_faults() {
  const emulator::shape pair{2, 64, 1024, 2};
  using emulator::report_kind;
  return {
      {"arrival_relaxed_as_a_lane_returns", report_kind::race, "no barrier", pair, arrival_relaxed_as_a_lane_returns},
  };
}

}  // namespace gemmact::test

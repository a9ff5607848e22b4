// Kernels that do unusual things which the PTX ISA allows: no schedule reports any.
#include <gtest/gtest.h>

#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/emulator/tensor_map.hpp"
#include "tests/emulator/fault_parts.hpp"
#include "tests/emulator/faults.hpp"

namespace gemmact::test {
namespace {

// The cluster's barrier waits for threads that have not returned; that a returned one arrived counts once.
void role_warps_arrive_and_return() {
  shuffle_warps();
  if (warp_index() == 1) {
    cluster_arrive();
    return;
  }
  store_shared(at(4 * thread_index()), cluster_rank());
  cluster_arrive();
  cluster_wait();
  load_cluster<u32>(map_shared(at(4 * thread_index()), cluster_rank() ^ 1));
  cluster_arrive();
  cluster_wait();
}

void lane_that_returns_before_an_arrival() {
  shuffle_warps();
  store_shared(at(4 * thread_index()), cluster_rank());
  if (lane_index() == 31) return;
  cluster_arrive();
  cluster_wait();
  load_cluster<u32>(map_shared(at(4 * thread_index()), cluster_rank() ^ 1));
  cluster_arrive();
  cluster_wait();
}

// PTX lets an initialised, fenced mbarrier pass through a relaxed arrival; and a relaxed one at the end keeps both alive.
void relaxed_arrivals_publish_barriers() {
  if (first_thread()) {
    mbarrier_init(at(0), 2);
    mbarrier_init_fence();
  }
  shuffle_warps();
  cluster_arrive_relaxed();
  cluster_wait();
  if (thread_index() < 2) mbarrier_arrive_cluster(map_shared(at(0), thread_index()));
  mbarrier_wait_cluster(at(0), 0);
  cluster_arrive_relaxed();
  cluster_wait();
}

// The block that is signalled waits for the signal, and then ends.
void signal_is_waited_for() {
  if (first_thread()) {
    mbarrier_init(at(0), 1);
    mbarrier_init_fence();
  }
  cluster_arrive();
  cluster_wait();
  shuffle_warps();
  if (cluster_rank() == 0) mbarrier_wait(at(0), 0);
  else if (first_thread()) mbarrier_arrive_cluster(map_shared(at(0), 0));
}

// One thread waits for the kernel before, and tells the others by a barrier.
void one_waits_for_the_previous_kernel() {
  if (first_thread()) wait_for_previous_kernel();
  shuffle_warps();
  sync_block();
  load_global<u32>(given.in);
}

// Long, but it ends.
void many_loads() {
  shuffle_warps();
  for (u32 i = 0; i < 5000; ++i) load_global<u32>(given.in);
}

struct legal_kernel {
  const char* name;
  emulator::shape size;
  void (*body)();
  friend void PrintTo(const legal_kernel& one, std::ostream* out) { *out << one.name; }
};

class legal : public testing::TestWithParam<legal_kernel> {};

TEST_P(legal, has_no_report) {
  const legal_kernel& one = GetParam();
  const planted_fault none{one.name, emulator::report_kind::bad_use, "", one.size, one.body};
  for (u64 seed = 0; seed < 40; ++seed) {
    for (const emulator::schedule order : emulator::all_schedules) {
      emulator::options how;
      how.kernel = one.name;
      how.seed = seed;
      how.order = order;
      how.overlaps = std::string(one.name) == "one_waits_for_the_previous_kernel";
      how.most_points = 10'000'000;
      const emulator::result result = run_fault(none, how);
      ASSERT_TRUE(result.ok()) << result.text();
    }
  }
}

const emulator::shape two_warps{2, 64, 1024, 1}, pair{2, 64, 1024, 2};
#define GEMMACT_LEGAL(name, size) \
  legal_kernel { #name, size, name }
INSTANTIATE_TEST_SUITE_P(emulator, legal,
                         testing::Values(GEMMACT_LEGAL(role_warps_arrive_and_return, pair),
                                         GEMMACT_LEGAL(lane_that_returns_before_an_arrival, pair),
                                         GEMMACT_LEGAL(relaxed_arrivals_publish_barriers, pair),
                                         GEMMACT_LEGAL(signal_is_waited_for, pair),
                                         GEMMACT_LEGAL(one_waits_for_the_previous_kernel, two_warps),
                                         GEMMACT_LEGAL(many_loads, two_warps)),
                         [](const auto& one) { return std::string(one.param.name); });
#undef GEMMACT_LEGAL

}  // namespace
}  // namespace gemmact::test

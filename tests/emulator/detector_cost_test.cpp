// What the detector costs: the accesses and barriers of a multistage product, as one block of 256 threads makes them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/emulator/detector_world.hpp"

namespace gemmact::test {
namespace {

using clock_type = std::chrono::steady_clock;

// The quickest of many rounds: other work on the machine only adds.
struct stopwatch {
  double best = 1e30;
  clock_type::time_point started;
  void start() { started = clock_type::now(); }
  void stop() { best = std::min(best, std::chrono::duration<double, std::nano>(clock_type::now() - started).count()); }
};

// The figures are printed for people; the limits are wide enough for an instrumented build on a busy machine, and narrow
// enough to notice a cost that grows with the number of threads or of accesses.
TEST(detector_cost, of_a_multistage_product) {
  detector_world world;
  detector_cluster k = world.start();
  constexpr int rounds = 200;
  stopwatch copies, reads, barriers;
  for (int round = 0; round < rounds; round++) {
    copies.start();
    for (u32 t = 0; t < 256; t++) k.cp_async(t, detector_cluster::at(16 * t));
    for (u32 t = 0; t < 256; t++) k.commit(t), k.wait(t, 0);
    copies.stop();
    barriers.start();
    k.sync_block();
    barriers.stop();
    reads.start();
    for (u32 part = 0; part < 4; part++)
      for (u32 t = 0; t < 256; t++) k.read(t, detector_cluster::at(16 * ((t + 64 * part) % 256)));
    reads.stop();
    k.sync_block();
  }
  EXPECT_EQ(world.races(), 0u) << world.first();
  const double copy = copies.best / 256, read = reads.best / 1024, barrier = barriers.best;
  printf(
      "race detector: %.0f ns a 16-byte cp.async, %.0f ns a 16-byte read of a line that 4 warps read, %.0f ns a "
      "barrier of 256 threads\n",
      copy, read, barrier);
  EXPECT_LT(copy, 5000);
  EXPECT_LT(read, 5000);
  EXPECT_LT(barrier, 1e6);
}

// 4-byte stores and 16-byte loads, as an epilogue stages its tile.
TEST(detector_cost, of_staging) {
  detector_world world;
  detector_cluster k = world.start();
  constexpr int rounds = 200;
  stopwatch stores, loads;
  for (int round = 0; round < rounds; round++) {
    stores.start();
    for (u32 part = 0; part < 4; part++)
      for (u32 t = 0; t < 256; t++) k.write(t, detector_cluster::at(16 * t + 4 * part, 4));
    stores.stop();
    k.sync_block();
    loads.start();
    for (u32 t = 0; t < 256; t++) k.read(t, detector_cluster::at(16 * (255 - t)));
    loads.stop();
    k.sync_block();
  }
  EXPECT_EQ(world.races(), 0u) << world.first();
  const double store = stores.best / 1024, load = loads.best / 256;
  printf("race detector: %.0f ns a 4-byte store, %.0f ns a 16-byte load over four such\n", store, load);
  EXPECT_LT(store, 5000);
  EXPECT_LT(load, 5000);
}

}  // namespace
}  // namespace gemmact::test

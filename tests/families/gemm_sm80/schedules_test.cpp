// Hundreds of schedules of each variant of the kernel: no report, the right result, and schedules that really differ.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/families/gemm_sm80/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr uint64_t usual_schedules = 200;  // of a variant

TEST(schedules, no_race_and_the_right_result) {
  for (size_t number = 0; number < walks().size(); ++number) {
    layer_run run(walks()[number]);
    ASSERT_GE(run.tiles(), 3 * i64(run.blocks())) << run.chosen().kernel;
    std::set<u64> traces;
    u64 ran = 0;
    for (uint64_t i = 0; i < case_count(usual_schedules, 50); ++i) {
      const uint64_t index = number * 1'000'000 + i;
      if (!case_selected(index)) continue;
      emulator::options how;
      how.kernel = run.chosen().kernel.c_str();
      how.seed = i;  // where nothing is asynchronous, two schedules of one seed may be the same
      how.order = emulator::all_schedules[i % std::size(emulator::all_schedules)];
      const emulator::case_run done = run.run(how);
      ++ran;
      traces.insert(done.launched.trace);
      ASSERT_TRUE(done.right) << (done.launched.ok() ? run.wrong() : done.launched.text()) << "\n  "
                              << done.launched.replay << "\n  " << replay_line(index);
    }
    fmt::print("{}: {} schedules, {} distinct traces\n", run.chosen().kernel, ran, traces.size());
    // With pieces of 2 bytes nothing is asynchronous, and two warps that meet at every stage have few ways to differ.
    const double share = run.chosen().kernel.ends_with("_align2") ? 0.75 : 0.9;
    EXPECT_GE(double(traces.size()), share * double(ran)) << run.chosen().kernel;
  }
}

}  // namespace
}  // namespace gemmact::test

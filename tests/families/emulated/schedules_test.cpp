// Hundreds of schedules of each variant of the kernels: no report, a right result, the same bits each time on data whose sums
// depend on their order, and schedules that really differ.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <set>

#include "tests/families/emulated/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr uint64_t usual_schedules = 200;  // of a variant
constexpr uint64_t of_many_entries = 40;   // each of which has blocks of its own, beside the usual ones of few

void run_schedules(const std::vector<walk>& walks) {
  uint64_t number = 0;
  for (const walk& w : walks) {
    watched_run run(w, false);
    std::set<u64> traces;
    std::set<uint64_t> results;
    u64 ran = 0;
    const std::clock_t start = std::clock();
    for (uint64_t i = 0; i < case_count(w.l.batch > 8 ? of_many_entries : usual_schedules, 50); ++i) {
      const uint64_t index = number * 1'000'000 + i;
      if (!case_selected(index)) continue;
      emulator::options how;
      how.seed = i;  // where nothing is asynchronous, two schedules of one seed may be the same
      how.order = emulator::all_schedules[i % std::size(emulator::all_schedules)];
      const emulator::case_run done = run.run(how, i % 2 == 0);
      ++ran;
      traces.insert(done.launched.trace);
      ASSERT_TRUE(done.right) << run.wrong() << "\n  " << done.launched.replay << "\n  " << replay_line(index);
      results.insert(run.hash_of_bits());
      ASSERT_EQ(results.size(), 1u) << w.name << ": other bits, by " << done.launched.replay << "\n  "
                                    << replay_line(index);
    }
    ++number;
    fmt::print("{}: {} schedules, {} distinct traces, {:.1f} s\n", w.name, ran, traces.size(),
               double(std::clock() - start) / CLOCKS_PER_SEC);
    // Where nothing is asynchronous, two warps that meet at every stage have few ways to differ.
    const double share = w.name.find("pieces of 2") != w.name.npos ? 0.75 : 0.9;
    EXPECT_GE(double(traces.size()), share * double(ran)) << w.name;
  }
}

TEST(schedules, gemm_sm80) { run_schedules(telling_gemm_sm80_walks()); }
TEST(schedules, gemm_sm90) { run_schedules(telling_gemm_sm90_walks()); }
TEST(schedules, gemm_sm90_shared) { run_schedules(shared_gemm_sm90_walks()); }
TEST(schedules, gemm_simt) { run_schedules(telling_gemm_simt_walks()); }
TEST(schedules, gradient_pass) { run_schedules(telling_gradient_pass_walks()); }

}  // namespace
}  // namespace gemmact::test

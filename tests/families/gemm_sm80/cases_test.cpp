// Layers of every kind on the emulator: exact on integers, within the derived bounds on random data, nothing stray.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/families/gemm_sm80/cases.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace gemm = families::gemm_sm80;

emulator::options schedule_of(const families::candidate& chosen, uint64_t seed) {
  emulator::options how;
  how.kernel = chosen.kernel.c_str();
  how.seed = seed;
  how.order = emulator::all_schedules[seed % std::size(emulator::all_schedules)];
  return how;
}

TEST(cases, cover_every_pair) {
  EXPECT_LE(case_rows().size(), 400u);
  EXPECT_TRUE(uncovered_pairs(case_factors(), case_rows()).empty());
}

TEST(cases, pairwise) {
  std::set<int> variants;
  std::map<std::string, int> counts;
  int failures = 0;
  for (uint64_t i = 0; i < case_rows().size() && failures < 10; ++i) {
    if (!case_selected(i)) continue;
    const layer_case c = make_case(i);
    layer_run run(c);
    variants.insert(run.chosen().config);
    EXPECT_EQ(16 >> run.chosen().config % 4, expected_piece(c)) << c.text();
    const emulator::case_run done = run.run(schedule_of(run.chosen(), i));
    ++counts["cases"];
    counts["bitwise"] += c.integers && exact_on_integers(c.use);
    counts["3 tiles a block"] += run.tiles() >= 3 * i64(run.blocks());
    if (done.right) continue;
    ++failures;
    ADD_FAILURE() << (done.launched.ok() ? run.wrong() : done.launched.text()) << "\n  " << c.text() << "\n  "
                  << run.chosen().kernel << "\n  " << replay_line(i);
  }
  for (const auto& [what, count] : counts) fmt::print("{}: {}\n", what, count);
  if (case_share() < 1 || counts["cases"] < 100) return;
  EXPECT_EQ(variants.size(), 4 * std::size(gemm::configs)) << "every tile with every piece";
  EXPECT_GE(counts["bitwise"], 50);
  EXPECT_GE(counts["3 tiles a block"], 20);
}

}  // namespace
}  // namespace gemmact::test

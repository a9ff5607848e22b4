// Planted races: each is reported on (nearly) every distinct trace, and its twin without the fault on none.
#include "tests/emulator/races.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gemmact::test {
namespace {

constexpr u64 seeds = 50;  // of each schedule

class races : public testing::TestWithParam<planted_race> {};

emulator::options with(const char* name, u64 seed, emulator::schedule order) {
  emulator::options how;
  how.kernel = name;
  how.seed = seed;
  how.order = order;
  how.most_points = 100'000;
  return how;
}

TEST_P(races, broken) {
  const planted_race& race = GetParam();
  std::set<u64> traces, caught;
  std::string missed;
  for (u64 seed = 0; seed < seeds; ++seed) {
    for (const emulator::schedule order : emulator::all_schedules) {
      const emulator::result result = run_race(race, race.broken, with(race.name, seed, order));
      traces.insert(result.trace);
      const bool right = result.found && result.found->kind == emulator::report_kind::race &&
                         result.found->text.find(race.words) != std::string::npos;
      if (right) caught.insert(result.trace);
      else missed = result.text() + "\n(" + result.replay + ")";
    }
  }
  EXPECT_GE(double(caught.size()), 0.95 * double(traces.size())) << missed;
  EXPECT_GE(traces.size(), 100u) << "too few distinct traces to say anything";
}

TEST_P(races, kept) {
  const planted_race& race = GetParam();
  for (u64 seed = 0; seed < seeds; ++seed) {
    for (const emulator::schedule order : emulator::all_schedules) {
      const emulator::result result = run_race(race, race.kept, with(race.name, seed, order));
      ASSERT_TRUE(result.ok()) << result.text();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(emulator, races, testing::ValuesIn(all_races()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace gemmact::test

// A fault of each kind, planted: the emulator reports it, by its kind and place, on (nearly) every distinct trace.
#include <gtest/gtest.h>

#include <set>

#include "tests/emulator/faults.hpp"

namespace gemmact::test {
namespace {

struct count {
  std::set<u64> traces, caught;
  std::string missed;  // a run on which the fault was not reported, or as another
};

constexpr u64 wanted_traces = 40, most_seeds = 100;

bool reported(const planted_fault& fault, const emulator::result& result) {
  if (!result.found || result.found->text.find(fault.name) != 0) return false;
  if (fault.or_deadlock && result.found->kind == emulator::report_kind::deadlock) return true;
  return result.found->kind == fault.kind && result.found->text.find(fault.words) != std::string::npos;
}

count try_fault(const planted_fault& fault) {
  count all;
  for (u64 seed = 0; seed < most_seeds && all.traces.size() < wanted_traces; ++seed) {
    for (const emulator::schedule order : emulator::all_schedules) {
      emulator::options how;
      how.kernel = fault.name;
      how.seed = seed;
      how.order = order;
      how.poison_stores = true;
      how.overlaps = fault.overlaps;
      how.most_points = 20000;
      const emulator::result result = run_fault(fault, how);
      all.traces.insert(result.trace);
      if (reported(fault, result)) all.caught.insert(result.trace);
      else all.missed = result.text() + "\n(" + result.replay + ")";
    }
  }
  return all;
}

class faults : public testing::TestWithParam<planted_fault> {};

TEST_P(faults, caught) {
  const planted_fault& fault = GetParam();
  const count all = try_fault(fault);
  EXPECT_GE(double(all.caught.size()), 0.95 * double(all.traces.size())) << all.missed;
  EXPECT_GE(all.traces.size(), wanted_traces) << "too few distinct traces to say anything";
}

INSTANTIATE_TEST_SUITE_P(emulator, faults, testing::ValuesIn(all_faults()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace gemmact::test

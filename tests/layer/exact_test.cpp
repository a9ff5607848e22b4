// Integer data on which every sum is exact in f32: bitwise the reference rounded once, over pairwise-covering tables.
#include <gtest/gtest.h>

#include "tests/layer/cases.hpp"
#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr int most_failures = 10;  // told for each table

// Runs the table; returns how many cases ran.
size_t run_table(gemmact_operation operation) {
  const std::vector<factor_row>& rows = exact_rows(operation);
  size_t ran = 0;
  int failures = 0;
  for (size_t i = 0; i < rows.size() && failures < most_failures; ++i) {
    if (!case_selected(i)) continue;
    ++ran;
    const uint64_t seed = i * 16 + uint64_t(operation);
    layer l = make_case(operation, rows[i], seed * 0x9e3779b97f4a7c15u);
    fill_integers(l, seed);
    const std::string failure = check_layer(device_under_test(), l, {.exact = true});
    if (failure.empty()) continue;
    ++failures;
    ADD_FAILURE() << failure << "\n  " << replay_line(i);
  }
  return ran;
}

TEST(exact, forward) { EXPECT_GT(run_table(GEMMACT_FORWARD), 0u); }
TEST(exact, activation_grad) { EXPECT_GT(run_table(GEMMACT_ACTIVATION_GRAD), 0u); }
TEST(exact, input_grad) { EXPECT_GT(run_table(GEMMACT_INPUT_GRAD), 0u); }
TEST(exact, weight_grad) { EXPECT_GT(run_table(GEMMACT_WEIGHT_GRAD), 0u); }

TEST(exact, tables_cover_every_pair_with_2000_cases_or_more) {
  size_t cases = 0;
  for (int operation = GEMMACT_FORWARD; operation <= GEMMACT_WEIGHT_GRAD; ++operation) {
    const auto& rows = exact_rows(gemmact_operation(operation));
    EXPECT_TRUE(uncovered_pairs(factors_of(gemmact_operation(operation)), rows).empty());
    cases += rows.size();
  }
  EXPECT_GE(cases, 2000u);
}

}  // namespace
}  // namespace gemmact::test

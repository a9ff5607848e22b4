// Integer data on which every sum is exact in f32: bitwise the reference rounded once, over pairwise-covering tables.
#include <gtest/gtest.h>

#include "tests/layer/cases.hpp"
#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/tile_cases.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr int most_failures = 10;  // told for each table

uint64_t case_seed(gemmact_operation operation, size_t index) {
  return (index * 16 + uint64_t(operation)) * 0x9e3779b97f4a7c15u;
}

// Runs the table, in a full test several times with other draws; returns how many cases ran.
size_t run_table(gemmact_operation operation) {
  const std::vector<factor_row>& rows = exact_rows(operation);
  size_t ran = 0;
  int failures = 0;
  for (size_t i = 0; i < case_count(rows.size()) && failures < most_failures; ++i) {
    if (!case_selected(i)) continue;
    ++ran;
    const uint64_t seed = i * 16 + uint64_t(operation);
    layer l = make_case(operation, rows[i % rows.size()], case_seed(operation, i));
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

TEST(exact, tiles_of_tensor_cores) {
  EXPECT_LE(tile_rows().size(), 400u);
  EXPECT_TRUE(uncovered_pairs(tile_factors(), tile_rows()).empty());
  int failures = 0;
  for (uint64_t index = 0; index < tile_case_count() && failures < most_failures; ++index) {
    if (!case_selected(index)) continue;
    const forced_tile tile(index);
    layer l = make_tile_case(index);
    fill_integers(l, index);
    const std::string failure = check_layer(device_under_test(), l, {.exact = true});
    if (failure.empty()) continue;
    ++failures;
    ADD_FAILURE() << failure << "\n  " << replay_line(index);
  }
}

TEST(exact, tables_cover_every_pair_with_2000_cases_or_more) {
  size_t cases = 0;
  for (int operation = GEMMACT_FORWARD; operation <= GEMMACT_WEIGHT_GRAD; ++operation) {
    const auto& rows = exact_rows(gemmact_operation(operation));
    EXPECT_TRUE(uncovered_pairs(factors_of(gemmact_operation(operation)), rows).empty());
    cases += rows.size();
  }
  EXPECT_GE(cases, 2000u);
}

// Do two pieces of a slot differ so, one of them perhaps not listed?
template <class Differ>
bool pieces_differ(const layer& l, uint32_t slot, Differ differ) {
  const operand* first = l.find(slot);
  for (uint32_t p = 1; p < 8; ++p)
    if (const operand* other = l.find(slot, p); other != nullptr && differ(first, *other)) return true;
  return false;
}

TEST(exact, tables_have_pieces_that_differ) {
  const auto extent = [](const operand* a, const operand& b) {
    return a != nullptr && a->spec.extent != b.spec.extent;
  };
  const auto batch = [](const operand* a, const operand& b) { return a != nullptr && a->batch != b.batch; };
  const auto alone = [](const operand* a, const operand&) { return a == nullptr; };
  int biases = 0, scales = 0, sums = 0, sums_below = 0, batches = 0, gated_c = 0, maxout_c = 0, lone_bias = 0;
  for (int operation = GEMMACT_FORWARD; operation <= GEMMACT_WEIGHT_GRAD; ++operation) {
    const auto& rows = exact_rows(gemmact_operation(operation));
    for (size_t i = 0; i < rows.size(); ++i) {
      const layer l = make_case(gemmact_operation(operation), rows[i], case_seed(gemmact_operation(operation), i));
      biases += pieces_differ(l, GEMMACT_BIAS, extent);
      lone_bias += pieces_differ(l, GEMMACT_BIAS, alone);
      scales += pieces_differ(l, GEMMACT_SCALE_W, extent);
      sums += pieces_differ(l, GEMMACT_DBIAS, extent);
      sums_below += pieces_differ(l, GEMMACT_BELOW | GEMMACT_DBIAS, extent);
      batches += pieces_differ(l, GEMMACT_DBIAS, batch);
      (l.combine == GEMMACT_GATED ? gated_c : maxout_c) += pieces_differ(l, GEMMACT_C, alone);
    }
  }
  for (const int count : {biases, scales, sums, sums_below, batches, gated_c, maxout_c, lone_bias})
    EXPECT_GE(count, 10);
}

// The last one.
TEST(exact, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test

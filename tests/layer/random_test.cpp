// Every function of the catalogue on random data, and tiles of tensor cores: see ratio_table.hpp.
#include <gtest/gtest.h>

#include "tests/layer/ratio_table.hpp"
#include "tests/layer/tile_cases.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

activation_range catalogue() { return {0, activation_cases().size()}; }

TEST(random, forward) { check_ratios(GEMMACT_FORWARD, catalogue(), "operands", 4); }
TEST(random, activation_grad) { check_ratios(GEMMACT_ACTIVATION_GRAD, catalogue(), "type_dy", 3); }
TEST(random, input_grad) { check_ratios(GEMMACT_INPUT_GRAD, catalogue(), "operands", 4); }

TEST(random, tiles_of_tensor_cores) {
  ratio_table table(GEMMACT_FORWARD);
  for (uint64_t index = 0; index < tile_case_count(); ++index) {
    if (!case_selected(index)) continue;
    const forced_tile tile(index);
    layer l = make_tile_case(index);
    const char* line = accuracy_name(l.accuracy);
    table.run(index, std::move(l), line);
  }
  table.report();
}

TEST(random, weight_grad) {
  ratio_table table(GEMMACT_WEIGHT_GRAD);
  for (uint64_t index = 0; index < case_count(160); ++index) {
    factor_row row = middling_row(GEMMACT_WEIGHT_GRAD, index);
    row.set("operands", int(index % 4));
    table.run(index, row, "accurate");
  }
  table.report();
}

// The last one.
TEST(random, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test

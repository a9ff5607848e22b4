// Layers whose functions are equations: on random data (see ratio_table.hpp and equations.hpp), and on integers.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/layer/equations.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/ratio_table.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

activation_range all_equations() { return {activation_cases().size(), equation_cases().size()}; }

TEST(equation, forward) { check_ratios(GEMMACT_FORWARD, all_equations(), "operands", 3); }
TEST(equation, activation_grad) { check_ratios(GEMMACT_ACTIVATION_GRAD, all_equations(), "type_dy", 3); }
TEST(equation, input_grad) { check_ratios(GEMMACT_INPUT_GRAD, all_equations(), "operands", 3); }

// Bitwise, of those that are exact on integers: pieces, bits, what is multiplied by a parameter.
void check_bitwise(gemmact_operation operation) {
  std::vector<int> exact;
  for (size_t i = 0; i < equation_cases().size(); ++i)
    if (parse_use(equation_cases()[i].text).f->exact) exact.push_back(int(activation_cases().size() + i));
  int failures = 0;
  for (uint64_t index = 0; index < case_count(exact.size() * 20) && failures < 10; ++index) {
    if (!case_selected(index)) continue;
    factor_row row = middling_row(operation, index);
    row.set("activation", exact[index % exact.size()]);
    row.set("combine", index / exact.size() % 4 == 3 ? GEMMACT_GATED : GEMMACT_PLAIN);
    if (operation == GEMMACT_INPUT_GRAD) row.set("below", 1 + int(index / exact.size() % 3));
    layer l = make_case(operation, row, mix(index));
    fill_integers(l, index);
    const std::string failure = check_layer(device_under_test(), l, {.exact = true});
    if (failure.empty()) continue;
    ++failures;
    ADD_FAILURE() << failure << "\n  " << replay_line(index);
  }
}

TEST(equation, forward_of_integers) { check_bitwise(GEMMACT_FORWARD); }
TEST(equation, activation_grad_of_integers) { check_bitwise(GEMMACT_ACTIVATION_GRAD); }
TEST(equation, input_grad_of_integers) { check_bitwise(GEMMACT_INPUT_GRAD); }

// Pairs of products as tensor cores have them, of each f that takes no operand; and backward with such a pair below.
layer aligned_layer(gemmact_operation operation) {
  layer l;
  l.operation = operation;
  l.m = 29, l.n = 48, l.k = 24;
  l.align_bytes = 16;
  return l;
}

void check_bounds(layer& l, uint64_t seed) {
  fill_random(l, seed);
  EXPECT_EQ(check_layer(device_under_test(), l, {}), "");
}

TEST(equation, pairs_in_bf16) {
  uint64_t seed = 0;
  for (const function& f : equations()) {
    if (std::any_of(f.params.begin(), f.params.end(), [](const function_param& p) { return p.operand; })) continue;
    layer forward = aligned_layer(GEMMACT_FORWARD);
    forward.combine = GEMMACT_GATED;
    forward.activation = f.name;
    forward.add(GEMMACT_X, GEMMACT_BF16);
    for (const uint32_t p : {0u, 1u}) forward.add(GEMMACT_W, GEMMACT_BF16, {.index = p});
    forward.add(GEMMACT_Y, GEMMACT_BF16);
    check_bounds(forward, ++seed);

    layer backward = aligned_layer(GEMMACT_INPUT_GRAD);
    backward.below = f.name;
    backward.below_combine = GEMMACT_GATED;
    backward.add(GEMMACT_DZ, GEMMACT_BF16);
    backward.add(GEMMACT_W, GEMMACT_BF16);
    for (const uint32_t slot : {GEMMACT_KEPT, GEMMACT_DZ})
      for (const uint32_t p : {0u, 1u}) backward.add(GEMMACT_BELOW | slot, GEMMACT_BF16, {.index = p});
    check_bounds(backward, ++seed);
  }
}

// Each parameter and each operand counts: a result for others is outside of the bounds.
TEST(equation, another_parameter_is_told) {
  layer l;
  l.operation = GEMMACT_ACTIVATION_GRAD;
  l.m = 21, l.n = 35;
  l.activation = four_parameters;
  for (const uint32_t slot : {GEMMACT_DY, GEMMACT_KEPT, GEMMACT_DZ}) l.add(slot, GEMMACT_F32);
  for (const uint32_t slot : {GEMMACT_PARAM, GEMMACT_DPARAM})
    for (const uint32_t i : {0u, 1u, 2u})
      l.add(slot, GEMMACT_F32, {.index = i, .extent = i == 1 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR});
  l.add(GEMMACT_OPERAND, GEMMACT_F32, {.index = 3, .extent = GEMMACT_PER_ROW});
  if (!covered(device_under_test(), l)) GTEST_SKIP() << "the device has no kernel for it";
  fill_random(l, 1);
  layer_run run(device_under_test(), l);
  run.run();
  const auto wrong = [&] { return compare(l, run, expect(l, with_precision_of({}, l, run.info().family))).wrong; };
  EXPECT_EQ(wrong(), 0u);
  for (const auto& [slot, index] : {std::pair{GEMMACT_PARAM, 0u}, std::pair{GEMMACT_PARAM, 1u},
                                    std::pair{GEMMACT_PARAM, 2u}, std::pair{GEMMACT_OPERAND, 3u}}) {
    double& value = l.get(slot, index).values.back();
    const double right = std::exchange(value, value * 1.001);
    EXPECT_GT(wrong(), 0u) << slot_name(slot) << index;
    value = right;
  }
}

// The last one.
TEST(equation, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test

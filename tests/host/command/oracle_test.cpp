// The oracle of `gemmact equation --check`: it says what the tests' own says, and its verdicts see faults.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/equation/dual.hpp"
#include "host/equation/equation.hpp"
#include "tests/host/equation/evaluate.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/random_text.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using equation::by_x;
using equation::compare;
using equation::oracle;
using equation::oracle_answer;
using equation::verdict;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr float infinity_f = std::numeric_limits<float>::infinity();

bool near(double a, double b, double moves) {
  return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 4 * moves + 1e-8 * std::abs(b) + 1e-300;
}

// Two points of a random text. Returns how many could be compared.
int compare_oracles(const std::string& text, random_source& random) {
  const equation::declaration raw = equation::parse(text, known_forms().functions());
  const oracle typed(raw.nodes, raw.root, known_forms());
  int compared = 0;
  for (int i = 0; i < 2; ++i) {
    const double x = 3 * random.normal(), parameters[] = {random.normal(), random.normal()};
    const int by = int(random.below(3)) - 1;
    const point at{x, parameters};
    const equation::probe same{x, {parameters[0], parameters[1]}};
    const dual wanted = dual_of(raw.nodes, raw.root, at, by);
    const dual moves = sensitivity(raw.nodes, raw.root, at, by, 1);
    if (!std::isfinite(wanted.value) || !std::isfinite(wanted.derivative) || wanted.overflowed ||
        !std::isfinite(moves.value) || !std::isfinite(moves.derivative))
      continue;
    const oracle_answer value = typed.value(same), derivative = typed.derivative(same, by);
    EXPECT_PRED3(near, value.value, wanted.value, moves.value + value.doubt) << text << " at " << x;
    EXPECT_PRED3(near, derivative.value, wanted.derivative, moves.derivative + derivative.doubt)
        << text << " by " << by << " at " << x << ", " << parameters[0] << ", " << parameters[1];
    ++compared;
  }
  return compared;
}

TEST(oracle, two_oracles_agree) {
  const uint64_t count = case_count(1000);
  uint64_t compared = 0;
  for (uint64_t i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    if (!case_selected(i)) continue;
    SCOPED_TRACE(replay_line(i));
    random_source random(i);
    compared += uint64_t(compare_oracles(random_equation(random, 1 + int(random.below(12))), random));
  }
  if (case_share() == 1) {
    EXPECT_GT(compared, count);
  }
}

TEST(oracle, verdicts) {
  const auto is = [](float computed, double exact, double doubt, double rounding) {
    return compare(computed, {exact, doubt}, rounding).is;
  };
  using kind = verdict::kind;
  EXPECT_EQ(is(1, 1, 0, 0), kind::agrees);
  EXPECT_EQ(is(1 + 0x1p-21f, 1, 0, 0), kind::agrees) << "4 ulps";
  EXPECT_EQ(is(1 + 0x1.4p-21f, 1, 0, 0), kind::differs);
  EXPECT_EQ(is(1 + 0x1.4p-21f, 1, 0, 0x1p-20), kind::agrees);
  EXPECT_EQ(is(1.5, 1, 0, 0x1p-20), kind::differs);
  EXPECT_EQ(is(1.5, 1, 0.25, 0x1p-20), kind::left_out) << "the text cancels";
  EXPECT_EQ(is(3, 1, 0.25, 0x1p-20), kind::differs) << "but not that much";
  EXPECT_EQ(is(NAN, 1, 0, 0), kind::differs);
  EXPECT_EQ(is(infinity_f, 1, 0, 0), kind::differs);
  EXPECT_EQ(is(infinity_f, 1e39, 0, 0), kind::agrees) << "that is infinite in f32";
  EXPECT_EQ(is(-infinity_f, 1e39, 0, 0), kind::differs);
  EXPECT_EQ(is(1, NAN, 0, 0), kind::left_out);
  EXPECT_EQ(is(1, infinity, 0, 0), kind::left_out);
  EXPECT_EQ(is(NAN, NAN, 0, 0), kind::agrees);
  EXPECT_EQ(is(NAN, 1, 0, infinity), kind::overflows);
  EXPECT_EQ(is(infinity_f, -1, 0, infinity), kind::overflows);
  EXPECT_EQ(is(NAN, 1, infinity, infinity), kind::beyond_f32) << "nor has the text a value";
  EXPECT_EQ(is(2, 1, 0, infinity), kind::beyond_f32);
  EXPECT_EQ(is(NAN, 1e38, 0, 1e38), kind::beyond_f32);
  EXPECT_EQ(is(9, 1, 0, 1), kind::beyond_f32) << "nothing is left of it";
  EXPECT_EQ(is(0.001f, 0, 0, 1e-9), kind::differs);
  EXPECT_EQ(is(0, 0x1p-149, 0, 0), kind::agrees);
  EXPECT_DOUBLE_EQ(compare(1 + 0x1p-22f, {1, 0}, 0).ulps, 2);
  EXPECT_DOUBLE_EQ(compare(1 + 0x1p-22f, {1, 0}, 0).of_bound, 0.5);
}

// A form that is computed in place of what was typed, wrong by this much.
equation::tally planted(const std::string& text, const std::string& instead, int by) {
  const equation::equation e = equation::work_out(text, known_forms()),
                           other = equation::work_out(instead, known_forms());
  const oracle typed(e.text.nodes, e.text.root, known_forms()), form(other.text.nodes, other.value, known_forms());
  equation::tally found;
  for (int i = -400; i <= 400; ++i) {
    const auto x = float(0.025 * i);
    const equation::probe at{double(x), {0.75}};
    const auto computed = float(value_of(other.text.nodes, other.value, {at.x, at.parameters}));
    found.add(x, computed, by == -2 ? typed.value(at) : typed.derivative(at, by), form.rounding(at));
  }
  return found;
}

TEST(oracle, sees_planted_faults) {
  EXPECT_EQ(planted("x * tanh(x)", "tanh(x) + x * tanh'(x)", by_x).differ, 0);
  EXPECT_GT(planted("x * tanh(x)", "tanh(x) + x * tanh'(x) * 1.0001", by_x).differ, 150);
  EXPECT_GT(planted("x * tanh(x)", "tanh(x) - x * tanh'(x)", by_x).differ, 600);
  EXPECT_EQ(planted("f(x; a=1) = exp(a * x)", "f(x; a=1) = x * exp(a * x)", 0).differ, 0);
  EXPECT_GT(planted("f(x; a=1) = exp(a * x)", "f(x; a=1) = a * exp(a * x)", 0).differ, 700);
  EXPECT_EQ(planted("log(1 + exp(x))", "softplus(x)", -2).differ, 0);
  EXPECT_GT(planted("log(1 + exp(x))", "max(x, 0)", -2).differ, 500);
  EXPECT_EQ(planted("max(0, x)^2", "squared_relu(x)", -2).differ, 0);
  EXPECT_EQ(planted("max(0, x)^2", "x > 0 ? 2 * x : 0.001", by_x).differ, 401) << "where it is 0, and at 0";
  const equation::tally worst = planted("x", "x == 2 ? 3 : x", -2);
  EXPECT_EQ(worst.differ, 1);
  EXPECT_EQ(worst.worst_at, 2);
  EXPECT_EQ(worst.computed, 3);
  EXPECT_EQ(worst.exact, 2);
}

}  // namespace
}  // namespace gemmact::test

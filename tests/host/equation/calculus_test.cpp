// Derivatives, simplification and stable forms of random equations and of the catalogue's, against dual numbers and the
// independent references.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/core/status.hpp"
#include "host/cpu/catalogue.hpp"
#include "host/equation/differentiate.hpp"
#include "host/equation/dual.hpp"
#include "host/equation/equation.hpp"
#include "host/equation/print.hpp"
#include "host/equation/simplify.hpp"
#include "host/equation/stable.hpp"
#include "tests/host/equation/evaluate.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/random_text.hpp"
#include "tests/reference/reference.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::equation {
namespace {

using test::dual;
using test::dual_of;
using test::point;
using test::sensitivity;
using test::value_of;

constexpr int points = 5;
constexpr double usual_points[] = {0, 1, -1, 2, 0.5};

// Is `got` as near to `wanted` as rounding lets either be (and what f32 loses below its range)? Where rounding may do anything,
// it is enough to be a number.
bool agrees(double got, double wanted, double may_move) {
  if (!std::isfinite(may_move)) return std::isfinite(got);
  return std::abs(got - wanted) <= 20 * may_move + 1e-10 * std::abs(wanted) + 1e-36;
}

class random_case {
 public:
  explicit random_case(uint64_t index)
      : random_(index), text_(test::random_equation(random_, static_cast<int>(random_.between(1, 24)))) {}

  // How many derivatives were compared, of how many.
  std::pair<int, int> check() {
    SCOPED_TRACE(text_);
    const declaration raw = parse(text_, test::known_forms().functions());
    equation e;
    try {
      e = work_out(text_, test::known_forms());
    } catch (const core::failure& f) {  // a parameter of a function that cannot be differentiated, or too large
      ADD_FAILURE() << f.message();
      return {0, 0};
    }
    printed_again(raw);
    EXPECT_EQ(simplify(e.text.nodes, e.value), e.value) << "a simple form is simple";
    EXPECT_EQ(stabilise(e.text.nodes, e.value, test::known_forms(), e.text.parameters, nullptr), e.value);
    int compared = 0;
    for (int i = 0; i < points; ++i) {
      const double x = i < 2 ? usual_points[random_.below(5)] : 3 * random_.normal();
      const double parameters[] = {random_.normal(), random_.below(4) == 0 ? 0.0 : random_.normal()};
      compared += one_point(raw, e, {x, parameters}, random_.below(3) == 0 ? static_cast<int>(random_.below(2)) : by_x);
    }
    return {compared, points};
  }

 private:
  void printed_again(const declaration& raw) const {
    const std::string once = print(raw, test::known_forms().functions());
    declaration again = parse(once, test::known_forms().functions());
    const node_id parameters[] = {again.nodes.parameter(0), again.nodes.parameter(1)};
    const node_id same = transplant(raw.nodes, raw.root, again.nodes, again.nodes.variable(), parameters);
    EXPECT_EQ(same, again.root) << "printed as " << once;
  }

  bool one_point(const declaration& raw, const equation& e, const point& at, int by) {
    dual wanted = dual_of(raw.nodes, raw.root, at, by);
    if (!std::isfinite(wanted.value) || !(std::abs(wanted.derivative) <= std::numeric_limits<float>::max()))
      return false;
    const uint64_t seed = random_.next();
    const dual moves = sensitivity(raw.nodes, raw.root, at, by, seed);
    if (!std::isfinite(moves.value) || !std::isfinite(moves.derivative)) return false;
    const graph& g = e.text.nodes;
    const node_id grad = by == by_x ? e.grad : e.param_grads[static_cast<size_t>(by)];
    const double value = value_of(g, e.value, at), derivative = value_of(g, grad, at);
    const double value_moves = moves.value + sensitivity(g, e.value, at, by_x, seed).value;
    const double derivative_moves = moves.derivative + sensitivity(g, grad, at, by_x, seed).value;
    // An infinity's sign may depend on a zero's, which rewriting may change: what has one on its way may come out otherwise.
    if (wanted.overflowed &&
        (!agrees(value, wanted.value, value_moves) || !agrees(derivative, wanted.derivative, derivative_moves)))
      return false;
    if (!agrees(derivative, wanted.derivative, derivative_moves))  // where kinks meet: sides_test has what must be
      wanted.derivative = dual_of(raw.nodes, raw.root, {at.x - step_beside(at.x), at.parameters}, by).derivative;
    EXPECT_PRED3(agrees, value, wanted.value, value_moves)
        << "value, computed as " << print(g, e.value, names(e)) << " at " << at.x;
    EXPECT_PRED3(agrees, derivative, wanted.derivative, derivative_moves)
        << "derivative " << print(g, grad, names(e)) << " by " << by << " at " << at.x << ", " << at.parameters[0]
        << ", " << at.parameters[1];
    return true;
  }

  static printed names(const equation& e) { return {test::known_forms().functions(), e.text.parameters}; }

  test::random_source random_;
  std::string text_;
};

TEST(calculus, random_equations_against_dual_numbers) {
  int compared = 0, all = 0;
  const uint64_t count = test::case_count(20000);
  for (uint64_t i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    if (!test::case_selected(i)) continue;
    SCOPED_TRACE(test::replay_line(i));
    const auto [some, of] = random_case(i).check();
    compared += some;
    all += of;
  }
  EXPECT_GT(compared, all / 2) << "most points are worth comparing";
  RecordProperty("compared", compared);
}

}  // namespace
}  // namespace gemmact::equation

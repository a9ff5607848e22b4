// The derivative where kinks meet, and near 0 where its own formula would cancel.
#include "host/equation/sides.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

#include "host/equation/dual.hpp"
#include "host/equation/equation.hpp"
#include "tests/host/equation/evaluate.hpp"
#include "tests/host/equation/known_forms.hpp"

namespace gemmact::equation {
namespace {

using test::known_forms;

struct at_a_kink {
  const char* text;
  double x, first, second;  // parameters
  double wanted;
  int by = by_x;
};

constexpr at_a_kink smooth[] = {
    {"max(x, 0) + log1p(exp(-abs(x)))", 0, 0, 0, 0.5},
    {"relu(x) + softplus(-abs(x))", 0, 0, 0, 0.5},
    {"max(-x, 0) + log1p(exp(-abs(x)))", 0, 0, 0, -0.5},
    {"max(x, 0) + log1p(exp(-max(x, -x)))", 0, 0, 0, 0.5},
    {"max(x, -x) + log1p(exp(-2 * abs(x)))", 0, 0, 0, 0},
    {"f(x; t) = max(x, 0) - x * t + log1p(exp(-abs(x)))", 0, 0.25, 0, 0.25},
    {"f(x; b=1) = max(b * x, 0) + log1p(exp(-abs(b * x)))", 0, 3, 0, 1.5},
    {"f(x; b=1) = max(b * x, 0) + log1p(exp(-abs(b * x)))", 0, -3, 0, -1.5},
    {"f(x; t=0) = max(x - t, 0) + log1p(exp(-abs(x - t)))", 1.25, 1.25, 0, 0.5},
    {"f(x; t=0) = max(x - t, 0) + log1p(exp(-abs(x - t)))", 1.25, 1.25, 0, -0.5, 0},
    {"f(x; t=0, s=1) = s * (max(t - x, 0) + log1p(exp(-abs(x - t))))", 0.75, 0.75, 2, -1},
    {"x > 0 ? x : exp(min(x, 0)) - 1", 0, 0, 0, 1},
    {"max(x, 0) + exp(min(x, 0)) - 1", 0, 0, 0, 1},
    {"max(x - 2, 0) + exp(min(x, 2) - 2)", 2, 0, 0, 1},
    {"exp(min(x, 0)) / (1 + exp(-abs(x)))", 0, 0, 0, 0.25},
    {"sign(x) * log(1 + abs(x))", 0, 0, 0, 1},
    {"sign(x) * (1 - exp(-abs(x)))", 0, 0, 0, 1},
    {"abs(x - 1) * (x - 1) + abs(x + 1) + max(x, 0) + log1p(exp(-abs(x)))", 0, 0, 0, 3.5},
    {"x != 0 ? 2 * x : x", 0, 0, 0, 2},
    // A kink stays: then the left's, which is a subgradient.
    {"f(x; a=1) = max(x, 0) + a * (exp(min(x, 0)) - 1)", 0, 0.5, 0, 0.5},
};
constexpr at_a_kink by_convention[] = {
    {"max(x, 0)", 0, 0, 0, 0},
    {"min(x, 0)", 0, 0, 0, 0},
    {"abs(x)", 0, 0, 0, 0},
    {"abs(x) + max(x, 0)", 0, 0, 0, 0},
    {"clamp(x, -1, 1)", 1, 0, 0, 0},
    {"clamp(x, -1, 1)", -1, 0, 0, 0},
    {"x / (1 + abs(x))", 0, 0, 0, 1},
    {"x >= 0 ? x : 0", 0, 0, 0, 1},
    {"x > 0 ? x : 0", 0, 0, 0, 0},
    {"f(x; a=0.1) = x > 0 ? x : a * x", 0, 0.3, 0, 0.3},
    {"max(x, 0)^2", 0, 0, 0, 0},
    {"sqrt(abs(x))", 0, 0, 0, 0},
    {"max(2 * x, x)", 0, 0, 0, 2},
    {"f(x; t) = max(0, 1 - t * x)", 0.5, 2, 0, 0},
    {"x > 0 ? x + 1 : max(x, 0) - x", 0, 0, 0, -1},  // not continuous
};

double computed(const at_a_kink& row) {
  const equation e = work_out(row.text, known_forms());
  const double parameters[] = {row.first, row.second};
  return test::value_of(e.text.nodes, row.by == by_x ? e.grad : e.param_grads[static_cast<size_t>(row.by)],
                        {row.x, parameters});
}

double exact(const at_a_kink& row) {
  const declaration d = parse(row.text, known_forms().functions());
  return oracle(d.nodes, d.root, known_forms()).derivative({row.x, {row.first, row.second}}, row.by).value;
}

TEST(equation_sides, where_kinks_meet_in_a_smooth_function) {
  for (const at_a_kink& row : smooth) {
    SCOPED_TRACE(row.text);
    EXPECT_NEAR(computed(row), row.wanted, 1e-12);
    EXPECT_NEAR(exact(row), row.wanted, 1e-9);
  }
}

TEST(equation_sides, one_kink_has_its_convention) {
  for (const at_a_kink& row : by_convention) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(computed(row), row.wanted);
    EXPECT_NEAR(exact(row), row.wanted, 1e-9);
  }
}

// Elsewhere, and at NaN, the derivative is what it was.
TEST(equation_sides, elsewhere_nothing_changes) {
  for (const at_a_kink& row : smooth) {
    equation e = work_out(row.text, known_forms());
    const node_id plain = differentiate(e.text.nodes, e.value, row.by, known_forms());
    const node_id mended = from_a_side(e.text.nodes, e.value, plain, known_forms());
    EXPECT_NE(mended, plain) << row.text;
    const double parameters[] = {row.first, row.second};
    for (const double x : {-3.0, -1e-5, 1e-5, 0.5, 7.0, std::nan("")}) {
      const double before = test::value_of(e.text.nodes, plain, {x, parameters});
      const double after = test::value_of(e.text.nodes, mended, {x, parameters});
      EXPECT_TRUE(before == after || (std::isnan(before) && std::isnan(after))) << row.text << " at " << x;
    }
  }
}

// Of each, relative to itself: where formulas of derivatives cancel.
TEST(equation_sides, near_zero_derivatives_do_not_cancel) {
  const auto sech2 = [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); };
  const std::pair<const char*, std::function<double(double)>> rows[] = {
      {"1 - tanh(x)^2", [&](double x) { return -2 * std::tanh(x) * sech2(x); }},
      {"tanh'(3 * x)", [&](double x) { return -6 * std::tanh(3 * x) * sech2(3 * x); }},
      {"sigmoid'(x)", [&](double x) { return -0.25 * sech2(x / 2) * std::tanh(x / 2); }},
      {"softplus'(x)", [&](double x) { return 0.25 * sech2(x / 2); }},
      {"log(cosh(x))", [](double x) { return std::tanh(x); }},
      {"-log((exp(x) + exp(-x)) / 2)", [](double x) { return -std::tanh(x); }},
      {"softplus(2 * x) - x", [](double x) { return std::tanh(x); }},
      {"x - 2 * softplus(x)", [](double x) { return -std::tanh(x / 2); }},
      {"x - tanh(x)", [](double x) { return std::tanh(x) * std::tanh(x); }},
  };
  for (const auto& [text, derivative] : rows) {
    const equation e = work_out(text, known_forms());
    for (double x = 1e-9; x < 10; x *= 3)
      for (const double at : {x, -x})
        EXPECT_NEAR(double(test::in_f32(e.text.nodes, e.grad, {at, {}})), derivative(double(float(at))),
                    2e-6 * std::abs(derivative(at)))
            << text << " at " << at;
  }
}

}  // namespace
}  // namespace gemmact::equation

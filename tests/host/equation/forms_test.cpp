// What an equation becomes: the catalogue's functions found in it, stable forms over all inputs of f16, conventions of
// derivatives, what backward keeps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "host/core/names.hpp"
#include "host/equation/differentiate.hpp"
#include "host/equation/equation.hpp"
#include "host/equation/print.hpp"
#include "tests/host/equation/evaluate.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/reference/reference.hpp"
#include "tests/support/numbers.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::equation {
namespace {

using test::known_forms;

std::string shown(const equation& e, node_id id) {
  return print(e.text.nodes, id, {known_forms().functions(), e.text.parameters});
}

struct written {
  const char *text, *value, *grad;
};

TEST(equation_forms, are_found_however_they_are_written) {
  const written rows[] = {
      {"1/(1+exp(-x))", "sigmoid(x)", "sigmoid'(x)"},
      {"exp(x)/(exp(x)+1)", "sigmoid(x)", "sigmoid'(x)"},
      {"1/(1+exp(x))", "sigmoid(-x)", "-sigmoid'(-x)"},
      {"1 - 1/(1+exp(-x))", "sigmoid(-x)", "-sigmoid'(-x)"},
      {"0.5*tanh(x/2) + 0.5", "sigmoid(x)", "sigmoid'(x)"},
      {"1/(1+1/exp(x))", "sigmoid(x)", "sigmoid'(x)"},
      {"x/(1+exp(-x))", "swish(x)", "swish'(x)"},
      {"x*exp(x)/(1+exp(x))", "swish(x)", "swish'(x)"},
      {"sigmoid(1.7*x)*x", "swish(x, beta=1.7)", "swish'(x, beta=1.7)"},
      {"x*sigmoid(-x)", "swish(x, beta=-1)", "swish'(x, beta=-1)"},
      {"x*sigmoid(1.702*x)", "quick_gelu(x)", "quick_gelu'(x)"},
      {"3*x*sigmoid(x)", "3 * swish(x)", "3 * swish'(x)"},
      {"(x+1)*sigmoid(x+1)", "swish(x + 1)", "swish'(x + 1)"},
      {"x^2*sigmoid(x^2)", "swish(x^2)", "swish'(x^2) * (2 * x)"},
      {"log(1+exp(x))", "softplus(x)", "softplus'(x)"},
      {"log(exp(-x)+1)", "softplus(-x)", "-softplus'(-x)"},
      {"-log(sigmoid(x))", "softplus(-x)", "-softplus'(-x)"},
      {"log(exp(x))", "x", "1"},
      {"x*tanh(log(1+exp(x)))", "mish(x)", "mish'(x)"},
      {"(exp(x)-exp(-x))/(exp(x)+exp(-x))", "tanh(x)", "tanh'(x)"},
      {"(exp(2*x)-1)/(exp(2*x)+1)", "tanh(x)", "tanh'(x)"},
      {"2/(1+exp(-2*x))-1", "tanh(x)", "tanh'(x)"},
      {"sinh(x)/cosh(x)", "tanh(x)", "tanh'(x)"},
      {"1-tanh(x)^2", "tanh'(x)", nullptr},
      {"sigmoid(x)*(1-sigmoid(x))", "sigmoid'(x)", nullptr},
      {"exp(-x)/(1+exp(-x))^2", "sigmoid'(-x)", nullptr},
      {"x*0.5*(1+erf(x/sqrt(2)))", "gelu(x)", "gelu'(x)"},
      {"x/2*(1+erf(0.70710678*x))", "gelu(x)", "gelu'(x)"},
      {"0.5*x*(1+tanh(sqrt(2/pi)*(x+0.044715*x^3)))", "gelu_tanh(x)", "gelu_tanh'(x)"},
      {"0.5*x*(1+tanh(0.7978845608*(x+0.044715*x*x*x)))", "gelu_tanh(x)", "gelu_tanh'(x)"},
      {"max(x, 0)", "relu(x)", "x <= 0 ? 0 : 1"},
      {"max(0, x)^2", "squared_relu(x)", "x <= 0 ? 0 : 2 * relu(x)"},
      {"x > 0 ? x : 0.2*x", "leaky_relu(x, slope=0.2)", "x > 0 ? 1 : 0.2"},
      {"x > 0 ? x : 2*(exp(x)-1)", "elu(x, alpha=2)", "x > 0 ? 1 : 2 * exp(x)"},
      {"max(0, x) + 0.2*min(0, x)", "leaky_relu(x, slope=0.2)", "x > 0 ? 1 : 0.2"},
      {"f(x; a=0.2) = max(0, x) + a*min(0, x)", "prelu(x, slope=a)", "x > 0 ? 1 : a"},
      {"max(0, x) - min(0, x)", "leaky_relu(x, slope=-1)", nullptr},
      {"max(0, x) + x*min(0, x)", "relu(x) + x * min(0, x)", nullptr},
      {"max(0, x) + min(0, 2*(exp(x)-1))", "elu(x, alpha=2)", "x > 0 ? 1 : 2 * exp(x)"},
      {"max(0, x) + min(0, -2*(exp(x)-1))", "relu(x) + min(0, -2 * expm1(x))", nullptr},
      {"1.05070098*(max(0, x) + min(0, 1.67326324*(exp(x)-1)))", "selu(x)", nullptr},
      {"clamp(x, 0, 6)", "relu6(x)", "x <= 0 ? 0 : x >= 6 ? 0 : 1"},
      {"min(max(x, 0), 6)", "relu6(x)", "x <= 0 ? 0 : x >= 6 ? 0 : 1"},
      {"max(0, min(6, x))", "relu6(x)", "x <= 0 ? 0 : x >= 6 ? 0 : 1"},
      {"min(max(x, 6), 0)", "min(max(x, 6), 0)", nullptr},
      {"x*min(max(x+3, 0), 6)/6", "hardswish(x)", "x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5"},
      {"clamp(x, -2, 2)", "clip(x, lo=-2, hi=2)", "x <= -2 ? 0 : x >= 2 ? 0 : 1"},
      {"x*clamp(x+3, 0, 6)/6", "hardswish(x)", "x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5"},
      {"clamp(x+3, 0, 6)/6", "hardsigmoid(x)", nullptr},
      {"x/(abs(x)+1)", "softsign(x)", "softsign'(x)"},
      {"exp(x)-1", "expm1(x)", "exp(x)"},
      {"log(1+x^2)", "log1p(x^2)", "2 * x / (1 + x^2)"},
      {"exp(x)*exp(-2*x)", "exp(x - 2 * x)", "-exp(x - 2 * x)"},
      {"exp(-exp(x))", "exp(-exp(x))", "-exp(x - exp(x))"},
      {"x*exp(x)/(exp(x)+2)", "x / (1 + 2 * exp(-x))", nullptr},
      {"exp(x)^3", "exp(3 * x)", "3 * exp(3 * x)"},
      {"exp(x)/exp(2*x)", "exp(x - 2 * x)", nullptr},
      {"2/exp(x)", "2 * exp(-x)", nullptr},
      {"exp(x)*x/(1+exp(x))", "swish(x)", nullptr},
      {"exp(-x)*x/(1+exp(-x))^2", "sigmoid'(-x) * x", nullptr},
      {"x*exp(-x)/(2*(1+exp(-x))^2)", "0.5 * (x * sigmoid'(-x))", nullptr},
      {"2*x*tanh(x)/(1+exp(-x))", "2 * x * tanh(x) * sigmoid(x)", nullptr},
      // Not what they seem: other values at NaN or 0, other constants.
      {"x > 0 ? x : 0", "x > 0 ? x : 0", "x > 0 ? 1 : 0"},
      {"x >= 0 ? 1 : 0", "x >= 0 ? 1 : 0", "0"},
      {"x*sigmoid(x+1)", "x * sigmoid(x + 1)", nullptr},
      {"log(exp(x)-2)", "log(exp(x) - 2)", nullptr},
      {"f(x; a=2) = log(a + exp(x))", "log(a + exp(x))", nullptr},
      {"1.0000001 - sigmoid(x)", "1.0000001 - sigmoid(x)", nullptr},
      {"exp(x) - 1.0000001", "exp(x) - 1.0000001", nullptr},
      {"log(1 + x + 1e-7)", "log(1 + x + 1e-07)", nullptr},
      {"relu(x)/exp(x)", "relu(x) / exp(x)", nullptr},
      {"1e-10/exp(x)", "1e-10 / exp(x)", nullptr},
      {"x/x/(1+exp(-x))", "x / x * sigmoid(x)", nullptr},
      {"((x+1)/x/exp(-x))^8", "((x + 1) / x / exp(-x))^8", nullptr},
      {"(x^5*exp(-x))^2", "(x^5 * exp(-x))^2", nullptr},
      {"1/(2+exp(-x))", "1 / (2 + exp(-x))", nullptr},
      {"f(x; a=2) = exp(x)/(a+exp(x))", "exp(x) / (a + exp(x))", nullptr},
      {"exp(x)/(exp(x)-2)", "exp(x) / (exp(x) - 2)", nullptr},
      {"0.1 + 0.2 == 0.3 ? x : 0", "x", "1"},
      {"x - x", "x - x", "0"},
      {"x * 0", "0 * x", "0"},
      {"x / x", "x / x", nullptr},
      // Simplified.
      {"x^1 + 0 - x^0", "x - 1", "1"},
      {"-(-x) * 1 / 1", "x", "1"},
      {"2*(3*x)", "6 * x", "6"},
      {"x*x*x", "x^3", "3 * x^2"},
      {"x^-2", "1 / x^2", nullptr},
      {"1/sqrt(x)", "rsqrt(x)", nullptr},
      {"x < 1 ? x < 1 ? 2 : 3 : 4", "x < 1 ? 2 : 4", "0"},
      {"1 < 2 ? x : 0", "x", "1"},
  };
  for (const written& row : rows) {
    SCOPED_TRACE(row.text);
    const equation e = work_out(row.text, known_forms());
    EXPECT_EQ(shown(e, e.value), row.value);
    EXPECT_TRUE(row.grad == nullptr || shown(e, e.grad) == row.grad) << shown(e, e.grad);
  }
}

TEST(equation_forms, explain_what_was_rewritten) {
  const equation e = work_out("x / (1 + exp(-x))", known_forms());
  ASSERT_EQ(e.notes.size(), 2u);
  EXPECT_EQ(e.notes[0], "x / (1 + exp(-x)) is computed as x * sigmoid(x): finite, and accurate in both tails");
  EXPECT_EQ(e.notes[1], "x * sigmoid(x) is computed as swish(x): the catalogue's own");
  EXPECT_TRUE(work_out("x * exp(x)", known_forms()).notes.empty());
}

TEST(equation_forms, take_the_equations_own_parameters) {
  const equation e = work_out(
      "f(x; beta=2, slope[n]=0.1, t) = x/(1+exp(-beta*x)) + (x > 0 ? x : slope*x) + max(0, 1-t*x)", known_forms());
  EXPECT_EQ(shown(e, e.value), "swish(x, beta=beta) + prelu(x, slope=slope) + hinge(x, target=t)");
  EXPECT_EQ(shown(e, e.param_grads[0]), "swish'beta(x, beta=beta)");
  EXPECT_EQ(shown(e, e.param_grads[1]), "x > 0 ? 0 : x");
  EXPECT_EQ(e.param_grads[2], no_node);
}

// A formula is found to be its function, and its derivative is the printed one and the reference's.
TEST(equation_forms, every_formula_of_the_catalogue_is_its_function) {
  const std::string_view not_found[] = {"linear", "step"};
  for (const core::activation_info& info : known_forms().functions()) {
    const reference::row* row = reference::find(info.name);
    if (row == nullptr || !row->own_file) continue;  // a product's own
    SCOPED_TRACE(info.name);
    std::string head = "f(x", body = info.formula;
    for (int p = 0; p < info.param_count; ++p)
      head +=
          fmt::format("{}{}{}", p == 0 ? "; " : ", ", info.params[p].name, info.params[p].is_operand ? "" : "=0.75");
    const equation e = work_out(head + ") = " + body, known_forms());
    const node& value = e.text.nodes[e.value];
    const bool found = value.operation == op::call &&
                       known_forms().functions()[static_cast<size_t>(value.index)].name == std::string_view(info.name);
    const bool same_as_another = std::string_view(info.name) == "leaky_relu";  // with a parameter: prelu
    const bool wanted_found = std::find(std::begin(not_found), std::end(not_found), info.name) == std::end(not_found);
    EXPECT_TRUE(same_as_another || found == wanted_found);
    const equation printed = work_out(head + ") = " + info.derivative, known_forms());
    const double parameters[] = {-0.5, 0.75, 0, 0};
    for (double x = -12; x <= 12; x += 0.03125) {
      const test::point at{x, parameters};
      const double wanted = row->grad(x, parameters), allowed = 1e-12 * std::abs(wanted) + 1e-15;
      EXPECT_NEAR(test::value_of(e.text.nodes, e.grad, at), wanted, allowed) << "at " << x;
      EXPECT_NEAR(test::value_of(printed.text.nodes, printed.value, at), wanted, allowed) << "printed, at " << x;
      // From the formula alone, with nothing of the hand-written derivative; where it cancels, to what it cancels from.
      const double plain = test::dual_of(e.text.nodes, e.text.root, at, by_x).derivative;
      EXPECT_NEAR(plain, wanted, 1e-9) << "from the formula, at " << x;
      for (int p = 0; p < info.param_count; ++p) {
        if (info.params[p].trainable == 0) continue;
        EXPECT_NEAR(test::value_of(e.text.nodes, e.param_grads[static_cast<size_t>(p)], at),
                    row->param_grad(p, x, parameters), 1e-12)
            << "by " << info.params[p].name << " at " << x;
      }
    }
  }
}

// Parameters that no hand-written derivative has: from the formula.
TEST(equation_forms, derive_by_parameters_that_are_not_trained) {
  const equation e = work_out("f(x; a=2, lo=-1, hi=1) = elu(x, alpha=a) + clip(x, lo=lo, hi=hi)", known_forms());
  EXPECT_EQ(shown(e, e.param_grads[0]), "x > 0 ? 0 : expm1(x)");
  EXPECT_EQ(shown(e, e.param_grads[1]), "x <= lo ? 1 : 0");
  EXPECT_EQ(shown(e, e.param_grads[2]), "x <= lo ? 0 : x >= hi ? 1 : 0");
}

struct convention {
  const char* text;
  double x, derivative;
};

TEST(equation_derivative, has_the_conventions_of_its_header) {
  constexpr double inf = reference::infinity, nan = std::numeric_limits<double>::quiet_NaN();
  const convention rows[] = {
      {"max(x, 0)", 0, 0},
      {"max(0, x)", 0, 0},
      {"max(x, 0)", nan, 1},
      {"min(x, 0)", 0, 0},
      {"min(0, x)", 0, 0},
      {"max(2*x, x)", 0, 2},
      {"max(x, 2*x)", 0, 1},
      {"min(2*x, x)", 0, 2},
      {"max(x, tanh(x))", 0, 1},
      {"abs(x)", 0, 0},
      {"abs(x)", -2, -1},
      {"abs(x)", nan, 1},
      {"sign(x)", 0, 0},
      {"sign(x)", 3, 0},
      {"clamp(x, -1, 1)", -1, 0},
      {"clamp(x, -1, 1)", 1, 0},
      {"clamp(x, -1, 1)", 0.5, 1},
      {"clamp(x, -1, 1)", nan, 1},
      {"clamp(x, -1, 2*x)", -1, 0},
      {"x > 0 ? x : 0", 0, 0},
      {"x >= 0 ? x : 0", 0, 1},
      {"relu(x)", 0, 0},
      {"leaky_relu(x, slope=0.5)", 0, 0.5},
      {"max(0, x) + 0.5*min(0, x)", 0, 0.5},
      {"step(x)", 0, 0},
      {"hardswish(x)", 3, 1},
      {"hardswish(x)", -3, 0},
      {"x^2", 0, 0},
      {"x^0", 0, 0},
      {"x^x", 1, 1},
      {"2^x", 0, std::log(2)},
      {"0^x", 1, 0},
      {"sqrt(x)", 0, inf},
      // 0 where a choice says 0, whatever it is multiplied with.
      {"sqrt(max(x, 0))", -1, 0},
      {"sqrt(max(x, 0))", 0, 0},
      {"log(max(x, 0))", -1, 0},
      {"exp(x) * relu(-x)", 100, 0},
      {"1 / max(x, 0)", -1, 0},
      {"sqrt(squared_relu(x))", -1, 0},
      {"sqrt(-min(x, 0))", 1, 0},
      {"sqrt(max(x, 0) - 3 * max(x, 0) + 2 * relu(x))", -1, 0},
      {"step(x) / x", 0, -inf},
      {"max(x, 0)^0.5 * exp(-x)", -100, 0},
  };
  for (const convention& row : rows) {
    SCOPED_TRACE(fmt::format("{} at {}", row.text, row.x));
    const equation e = work_out(row.text, known_forms());
    const double d = test::value_of(e.text.nodes, e.grad, {row.x, {}});
    if (std::isinf(row.derivative)) EXPECT_EQ(d, row.derivative) << shown(e, e.grad);
    else EXPECT_NEAR(d, row.derivative, 1e-15) << shown(e, e.grad);
  }
}

struct finite_function {
  const char* text;
  double (*exact)(double x);
  double absolute;  // what f32 may be off beside 1e-5 of the value
};

double exact_softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double exact_sigmoid(double x) { return reference::logistic(x); }
double exact_swish(double x) { return reference::times_logistic(x, x); }
double exact_gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }
double exact_cosh_log(double x) { return std::abs(x) + std::log1p(std::exp(-2 * std::abs(x))) - std::log(2.0); }
double exact_mish(double x) { return x * std::tanh(exact_softplus(x)); }

const finite_function finite_functions[] = {
    {"x/(1+exp(-x))", exact_swish, 1e-37},
    {"x*exp(x)/(1+exp(x))", exact_swish, 1e-37},
    {"x*(0.5*tanh(x/2)+0.5)", exact_swish, 1e-37},
    {"1/(1+exp(-x))", exact_sigmoid, 1e-37},
    {"exp(x)/(1+exp(x))", exact_sigmoid, 1e-37},
    {"1-1/(1+exp(x))", exact_sigmoid, 1e-37},
    {"(1+tanh(x/2))/2", exact_sigmoid, 1e-37},
    {"log(1+exp(x))", exact_softplus, 1e-37},
    {"-log(1/(1+exp(x)))", exact_softplus, 1e-37},
    {"(exp(x)-exp(-x))/(exp(x)+exp(-x))", [](double x) { return std::tanh(x); }, 1e-37},
    {"(exp(2*x)-1)/(exp(2*x)+1)", [](double x) { return std::tanh(x); }, 1e-37},
    {"2/(1+exp(-2*x))-1", [](double x) { return std::tanh(x); }, 1e-37},
    {"x*tanh(log(1+exp(x)))", [](double x) { return x * std::tanh(exact_softplus(x)); }, 1e-37},
    {"0.5*x*(1+erf(x/sqrt(2)))", exact_gelu, 1e-37},
    {"log(cosh(x))", exact_cosh_log, 2e-7},
    {"log(exp(x)+exp(-x))-log(2)", exact_cosh_log, 2e-7},
    {"1/cosh(x)", [](double x) { return 1 / std::cosh(x); }, 1e-37},
    {"2/(exp(x)+exp(-x))", [](double x) { return 1 / std::cosh(x); }, 1e-37},
    {"exp(x)*exp(-2*x)*exp(x)", [](double) { return 1.0; }, 0},
    {"exp(-exp(x))", [](double x) { return std::exp(-std::exp(x)); }, 1e-37},
    {"exp(-x^2)", [](double x) { return std::exp(-x * x); }, 1e-37},
    {"x*exp(-x^2/2)", [](double x) { return x * std::exp(-x * x / 2); }, 1e-36},
    {"sigmoid(exp(x))", [](double x) { return exact_sigmoid(std::exp(x)); }, 1e-37},
    {"tanh(sinh(x))", [](double x) { return std::tanh(std::sinh(x)); }, 1e-37},
    {"x*tanh(exp(x))", [](double x) { return x * std::tanh(std::exp(x)); }, 1e-37},
    {"atan(exp(x))", [](double x) { return std::atan(std::exp(x)); }, 1e-37},
    {"sqrt(x^2)", [](double x) { return std::abs(x); }, 0},
    {"x > 0 ? x : exp(x)-1", [](double x) { return x > 0 ? x : std::expm1(x); }, 1e-37},
    {"max(0, x) + 0.1*min(0, x)", [](double x) { return x > 0 ? x : 0.1 * x; }, 1e-37},
    {"max(0, x) + min(0, 2*(exp(x)-1))", [](double x) { return x > 0 ? x : 2 * std::expm1(x); }, 1e-37},
    {"sqrt(max(x, 0))", [](double x) { return std::sqrt(std::max(x, 0.0)); }, 0},
    {"log(0.5*exp(x)+0.5)", [](double x) { return exact_softplus(x) - std::log(2); }, 1e-7},
    {"log((1+exp(x))/2)", [](double x) { return exact_softplus(x) - std::log(2); }, 1e-7},
    {"log((exp(x)+exp(-x))/2)", [](double x) { return exact_softplus(2 * x) - x - std::log(2); }, 1e-7},
    {"log(2+exp(x))", [](double x) { return exact_softplus(x - std::log(2)) + std::log(2); }, 0},
    {"log(2*exp(x))", [](double x) { return x + std::log(2); }, 1e-7},
    {"exp(x)/(3+2*exp(x))", [](double x) { return x < -300 ? 0 : 1 / (2 + 3 * std::exp(-x)); }, 1e-38},
    {"exp(x)/(1+exp(2*x))", [](double x) { return 0.5 / std::cosh(x); }, 1e-37},
    {"x*(exp(2*x)+2*exp(x))/(exp(2*x)+2*exp(x)+2)", exact_mish, 1e-36},
    {"x*((1+exp(x))^2-1)/((1+exp(x))^2+1)", exact_mish, 1e-36},
    {"x/sqrt(1+x^2)", [](double x) { return x / std::hypot(1, x); }, 0},
    {"log(1+x^2)", [](double x) { return std::log1p(x * x); }, 1e-37},
    {"x/(1+abs(x))", [](double x) { return x / (1 + std::abs(x)); }, 0},
    {"asinh(x)", [](double x) { return std::asinh(x); }, 0},
    {"x*sigmoid(x)*tanh(x)", [](double x) { return exact_swish(x) * std::tanh(x); }, 1e-36},
    {"erf(x^3)*exp(-abs(x))", [](double x) { return std::erf(x * x * x) * std::exp(-std::abs(x)); }, 1e-37},
};

// A function that is finite on paper is finite and right in f32, and so is its derivative, for every finite f16.
TEST(equation_forms, a_finite_function_is_finite_for_every_f16) {
  for (const finite_function& row : finite_functions) {
    SCOPED_TRACE(row.text);
    const equation e = work_out(row.text, known_forms());
    for (uint32_t bits = 0; bits < 0x10000 && !HasFailure(); ++bits) {
      const double x = test::decode(GEMMACT_F16, bits);
      if (!std::isfinite(x)) continue;
      const double wanted = row.exact(x);
      EXPECT_NEAR(double(test::in_f32(e.text.nodes, e.value, {x, {}})), wanted, 1e-5 * std::abs(wanted) + row.absolute)
          << shown(e, e.value) << " at " << x;
      const float grad = test::in_f32(e.text.nodes, e.grad, {x, {}});
      EXPECT_TRUE(std::isfinite(grad)) << grad << " = " << shown(e, e.grad) << " at " << x;
      // Between neighbours in double, where the function is smooth.
      const double h = 1e-4 * std::max(1.0, std::abs(x));
      const double slope = (row.exact(x + h) - row.exact(x - h)) / (2 * h);
      const bool smooth = std::abs(x) > 0.02 && std::abs(x) < 100;
      EXPECT_TRUE(!smooth || std::abs(grad - slope) <= 2e-3 * std::abs(slope) + 3e-4)
          << grad << " is not " << slope << ", at " << x;
    }
  }
}

// The detector sees what it is there for: the forms as they are written are not finite.
TEST(equation_forms, as_written_some_are_not_finite) {
  for (const char* text :
       {"x*exp(x)/(1+exp(x))", "log(1+exp(x))", "(exp(x)-exp(-x))/(exp(x)+exp(-x))", "log(cosh(x))"}) {
    const declaration d = parse(text, known_forms().functions());
    EXPECT_FALSE(std::isfinite(test::in_f32(d.nodes, d.root, {1000, {}}))) << text;
  }
}

TEST(equation_forms, say_a_bounded_number_of_things) {
  std::string text = "exp(x)";
  for (int i = 2; i < 200; ++i) text += fmt::format("*exp(x*{})", i);
  const equation e = work_out(text, known_forms());
  ASSERT_EQ(e.notes.size(), 17u);
  for (const std::string& note : e.notes) EXPECT_LE(note.size(), 600u);
  EXPECT_EQ(e.notes.back(), "182 more are rewritten");
}

struct keeping {
  const char* text;
  gemmact_keep keep;
  const char *bit, *if_set, *if_not;
};

TEST(equation_keeps, the_least_that_serves_the_derivative) {
  const keeping rows[] = {
      {"3 * x + 1", GEMMACT_KEEP_NOTHING, nullptr, nullptr, nullptr},
      {"f(x; c=2, t) = c * t * x", GEMMACT_KEEP_NOTHING, nullptr, nullptr, nullptr},
      {"x >= 0 ? 1 : 0", GEMMACT_KEEP_NOTHING, nullptr, nullptr, nullptr},
      {"x > 3 ? x + 1 : x - 1", GEMMACT_KEEP_NOTHING, nullptr, nullptr, nullptr},
      {"max(x, 0)", GEMMACT_KEEP_BIT, "x <= 0", "0", "1"},
      {"2 * relu(3 * x + 1) - 4", GEMMACT_KEEP_BIT, "3 * x + 1 <= 0", "0", "6"},
      {"f(x; a=0.1) = x > 0 ? x : a * x", GEMMACT_KEEP_BIT, "x > 0", "1", "a"},
      {"f(x; t) = hinge(x, target=t)", GEMMACT_KEEP_BIT, "t * x >= 1", "0", "-t"},
      {"clamp(x, -1, 1)", GEMMACT_KEEP_BIT, "x <= -1 || x >= 1", "0", "1"},
      {"x < -3 ? 0 : min(x, 6)", GEMMACT_KEEP_BIT, "x < -3 || x >= 6", "0", "1"},
      {"x > -1 && x < 1 ? 2 * x : 3 * x", GEMMACT_KEEP_BIT, "x > -1 && x < 1", "2", "3"},
      {"x < -1 ? -x : x < 1 ? x : -x", GEMMACT_KEEP_BIT, "x < -1 || !(x < 1)", "-1", "1"},
      {"abs(x)", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},  // three values
      {"x < -1 ? -x : x < 1 ? x : 2 * x", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},
      {"relu(x) + relu(x - 1)", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},
      {"1/(1+exp(-x))", GEMMACT_KEEP_OUTPUT, nullptr, nullptr, nullptr},
      {"tanh(x)", GEMMACT_KEEP_OUTPUT, nullptr, nullptr, nullptr},
      {"tanh(2 * x)", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},
      {"2 * tanh(x)", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},
      {"x * sigmoid(x)", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},
      {"x^2", GEMMACT_KEEP_Z, nullptr, nullptr, nullptr},
  };
  for (const keeping& row : rows) {
    SCOPED_TRACE(row.text);
    equation e = work_out(row.text, known_forms());
    const kept k = what_to_keep(e, {}, known_forms());
    EXPECT_STREQ(core::name_of(k.keep), core::name_of(row.keep));
    if (k.keep != GEMMACT_KEEP_BIT || row.bit == nullptr) continue;
    EXPECT_EQ(shown(e, k.bit), row.bit);
    EXPECT_EQ(shown(e, k.if_set), row.if_set);
    EXPECT_EQ(shown(e, k.if_not), row.if_not);
    for (double x = -8; x <= 8; x += 0.5) {
      const double parameters[] = {0.7, 0.4};
      const test::point at{x, parameters};
      const node_id side = test::value_of(e.text.nodes, k.bit, at) == 1 ? k.if_set : k.if_not;
      EXPECT_EQ(test::value_of(e.text.nodes, side, at), test::value_of(e.text.nodes, e.grad, at)) << "at " << x;
    }
  }
}

TEST(equation_keeps, z_for_parameters_that_need_it) {
  equation e = work_out("f(x; a=0.1, c=1) = (x > 0 ? x : a * x) + c", known_forms());
  const int slope[] = {0}, shift[] = {1}, both[] = {1, 0};
  EXPECT_EQ(what_to_keep(e, slope, known_forms()).keep, GEMMACT_KEEP_Z);
  EXPECT_EQ(what_to_keep(e, shift, known_forms()).keep, GEMMACT_KEEP_BIT);
  EXPECT_EQ(what_to_keep(e, both, known_forms()).keep, GEMMACT_KEEP_Z);
}

// Pieces of pieces: the derivative grows as their number, and not as the number of ways through them.
TEST(equation_derivative, of_choices_in_choices_stays_small) {
  const auto nodes_of = [](int depth) {
    std::string text = fmt::format("p{}, p0 = x", depth);
    for (int i = 0; i < depth; ++i) text += fmt::format(", p{1} = p{0}<{0} ? 2*p{0} : p{0}>9 ? 1 : p{0}^3", i, i + 1);
    const equation e = work_out(text, known_forms());
    for (const double x : {-1.5, 0.25, 0.75, 1.5, 12.0}) {
      const double wanted = test::dual_of(e.text.nodes, e.text.root, {x, {}}, by_x).derivative;
      EXPECT_NEAR(test::value_of(e.text.nodes, e.grad, {x, {}}), wanted, 1e-12 * std::abs(wanted))
          << depth << " at " << x;
    }
    return reachable(e.text.nodes, e.grad).size();
  };
  const size_t of_6 = nodes_of(6), of_12 = nodes_of(12), of_24 = nodes_of(24);
  EXPECT_LE(of_12, 3 * of_6);
  EXPECT_LE(of_24, 3 * of_12);
}

// A derivative that is larger than its limit is refused, and not gone on with.
TEST(equation_derivative, too_large_a_one_is_refused) {
  const auto derive = [](int limit) {
    declaration d = parse("sin(x)^x * tanh(exp(x)) / cosh(x)", known_forms().functions());
    d.nodes.set_limit(limit);
    differentiate(d.nodes, d.root, by_x, known_forms());
  };
  test::expect_part(test::refusal(GEMMACT_EQUATION_UNSUPPORTED, [&] { derive(20); }),
                    "or its derivative, has more than 20 operations");
  derive(max_derived_nodes);
}

}  // namespace
}  // namespace gemmact::equation

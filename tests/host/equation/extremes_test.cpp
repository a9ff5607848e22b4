// Made functions on the CPU device where f32 ends: what is finite of a text as it is written stays finite, NaN stays NaN, and
// derivatives are finite where the function is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "host/cpu/function_loops.hpp"
#include "host/cpu/isas.hpp"
#include "host/equation/dual.hpp"
#include "host/equation/equation.hpp"
#include "host/equation/print.hpp"
#include "host/plan/functions.hpp"
#include "tests/host/equation/evaluate.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/random_text.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::equation {
namespace {

using cpu::function_loops;

constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();

// A function of the library's, by its text, with these parameters.
class device_function {
 public:
  device_function(const std::string& text, std::array<float, max_params> parameters)
      : use_(with(core::parse_activation(text, plan::functions()), parameters)),
        loops_(cpu::chosen_isa(), use_, GEMMACT_ACCURATE) {}

  const core::activation_info& info() const { return *use_.info; }
  float operator()(int quantity, float x) const {
    std::array<const float*, max_params> parameters{};
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i] = &use_.params[i];
    float y = 0;
    loops_(quantity, parameters.data(), &x, &y, 1);
    return y;
  }

 private:
  static core::activation_use with(core::activation_use use, const std::array<float, max_params>& parameters) {
    for (size_t i = 0; i < parameters.size(); ++i) use.params[i] = parameters[i];
    return use;
  }

  core::activation_use use_;
  function_loops loops_;
};

bool same(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// A text operation by operation in f32, or in double. A zero's sign is nobody's: with other_zeros all are turned round.
template <class T>
double as_written(const declaration& d, const test::point& at, bool other_zeros) {
  std::vector<double> all(static_cast<size_t>(d.root) + 1);
  for (const node_id id : reachable(d.nodes, d.root)) {
    const node& n = d.nodes[id];
    double& now = all[static_cast<size_t>(id)];
    double children[max_children];
    for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) children[i] = all[static_cast<size_t>(n.child[i])];
    if (n.operation == op::constant) now = n.value;
    else if (n.operation == op::variable) now = at.x;
    else if (n.operation == op::parameter) now = at.parameters[static_cast<size_t>(n.index)];
    else now = test::operation_result(n, children);
    now = static_cast<double>(static_cast<T>(now));
    if (other_zeros && now == 0 && !is_condition(n)) now = -now;
  }
  return all[static_cast<size_t>(d.root)];
}

struct special_point {
  const char* text;
  double x, value, derivative;
};

// What is finite as it is written stays so, and what is NaN: no factor is moved past another, none is cancelled. And where
// a value is finite because something overflows to 0, its derivative is as well.
TEST(equation_extremes, make_nothing_infinite_that_was_not) {
  const special_point rows[] = {
      {"max(x, 0) / exp(x)", -95, 0, 0},
      {"relu(x - 1) / exp(x)", -95, 0, 0},
      {"x^2 * max(0, x) / exp(x)^2", -50, 0, 0},
      {"relu(x) * exp(-x) * exp(-x)", -50, 0, 0},
      {"((x + 1e5) / (x + 2e5) / exp(-x))^8", 0, 0.00390625, 0.03125015625},
      {"f(x; a=1) = x / x / exp(a)", 0, nan, nan},
      {"f(x; a=1) = x / x / exp(a)", nan, nan, nan},
      {"tanh(x) / x * x / (1 + exp(-x))", 0, nan, nan},
      {"x^5 / exp(x) * x^5", 20000, 0, 0},
      {"(x + 1)^5 / (1 + exp(x)) * x^5 * (x + 1)^5", 20000, 0, 0},
      {"(x + 1)^5 * sigmoid(-x) * (x + 1)^5 * x", 20000, 0, 0},
      {"(x^5 * exp(-x))^2", 20000, 0, 0},
      {"(x / exp(x))^9", 20000, 0, 0},
      {"x / (2 + exp(-x))", -90, 0, 0},
      {"x / (1 + 2 * exp(-x))", -90, 0, 0},
      {"1 / (exp(x) + exp(-2 * x))", -50, 0, 0},
      {"1 / (exp(x) + exp(-2 * x))", -44.25, 0, 0},
      {"1 / (exp(x) + exp(-2 * x))", 90, 0, 0},
      {"cos(x) / (0.1 + exp(-x))", -90, 0, 0},
      {"x / (1 + sinh(x)^2)", 50, 0, 0},
      {"x / (1 + abs(cosh(x)))", 95, 0, 0},
      {"x / sqrt(1 + exp(x)^2)", 50, 0, 0},
      {"x / (2 + exp(-x))^3", -40, 0, 0},
      {"x / exp(exp(x))", 90, 0, 0},
      {"exp(x) / (2 + exp(x))", 90, 1, 0},
      {"elu(sinh(x))", -90, -1, 0},
      {"sqrt(softplus(x))", -110, 0, 0},
      {"sqrt(exp(-x^2))", 12, 0, 0},
      {"sqrt(x^4)", 0, 0, 0},
      {"atan(sinh(x))", 90, 1.5707963, 0},
      {"atan(expm1(x))", 90, 1.5707963, 0},
      {"atan(cosh(2 * x) * (x / (1 + x^2)))", 50, 1.5707963, 0},
      {"exp(-expm1(x)^2)", 90, 0, 0},
      {"1.0000001 - sigmoid(x)", 30, 1.1920929e-7, 0},
      {"exp(x) - 1.0000001", 0, -1.1920929e-7, 1},
      {"log(1.0000001 + x)", 0, 1.1920929e-7, 0.9999999},
  };
  for (const special_point& row : rows) {
    SCOPED_TRACE(fmt::format("{} at {}", row.text, row.x));
    const double parameters[] = {1, 0, 0, 0};
    const equation e = work_out(row.text, test::known_forms());
    const auto shown = [&](node_id id) {
      return print(e.text.nodes, id, {test::known_forms().functions(), e.text.parameters});
    };
    const auto is_near = [&](node_id id, double wanted) {
      const double got = test::in_f32(e.text.nodes, id, {row.x, parameters});
      return std::isnan(wanted) ? std::isnan(got) : std::abs(got - wanted) <= 1e-6 * std::abs(wanted) + 1e-12;
    };
    EXPECT_TRUE(is_near(e.value, row.value)) << shown(e.value);
    EXPECT_TRUE(is_near(e.grad, row.derivative)) << shown(e.grad);
  }
}

constexpr float points[] = {nan, -inf, inf, 0,  -0.0f, 1,   -1,   2,    -3,    0.5f,  6,     20,     -20,
                            50,  -50,  -89, 89, -95,   110, -110, 1000, -1000, 20000, 65504, -65504, 1e-4f};
constexpr float of_a[] = {0.5f, -2, 0};

// What is wrong with a value that the text as it is written says in three ways.
const char* fault(float made, float x, const double (&written)[3]) {
  bool finite = true, no_number = true;
  for (const double w : written) {
    finite &= std::isfinite(w) && std::abs(w) < 1e30;
    no_number &= std::isnan(w);
  }
  if (finite && !std::isfinite(made)) return "is not finite";
  if (no_number && std::isnan(x) && !std::isnan(made)) return "has lost NaN";
  return nullptr;
}

class random_case {
 public:
  explicit random_case(uint64_t index)
      : random_(900000 + index),
        text_(test::random_equation(random_, static_cast<int>(random_.between(1, 12)))),
        raw_(parse(text_, test::known_forms().functions())),
        exact_(raw_.nodes, raw_.root, test::known_forms()) {}

  // How many derivatives were looked at.
  int check() {
    SCOPED_TRACE(text_);
    int looked_at = 0;
    const bool turns =
        text_.find("sin(") != text_.npos || text_.find("cos(") != text_.npos || text_.find("tan(") != text_.npos;
    for (const float a : of_a) {
      const device_function f(text_, {a, -1.25f});
      const double parameters[] = {a, -1.25};
      for (const float x : points) {
        if (turns && std::abs(x) > 100) continue;  // many times round, f32 and double are elsewhere
        const test::point at{x, parameters};
        const double written[] = {as_written<float>(raw_, at, false), as_written<float>(raw_, at, true),
                                  as_written<double>(raw_, at, false)};
        const float value = f(function_loops::value, x);
        EXPECT_EQ(fault(value, x, written), nullptr)
            << "at " << x << ", a = " << a << ": " << value << ", written " << written[0] << "; " << f.info().formula;
        if (std::isfinite(value) && std::isfinite(x) && a != 0 && !has_free_powers()) looked_at += derivatives(f, x, a);
      }
    }
    return looked_at;
  }

 private:
  // Of u ^ a the derivative is what it is where u has become 0 or infinite: u ^ (a - 1) is the other.
  bool has_free_powers() const { return text_.find("^x") != text_.npos || text_.find("^a") != text_.npos; }

  int derivatives(const device_function& f, float x, float a) {
    const probe at{x, {a, -1.25}};
    const oracle_answer value = exact_.value(at);
    if (!std::isfinite(value.value) || std::abs(value.value) > 1e30) return 0;
    int looked_at = 0;
    for (const int by : {by_x, 0}) {
      const oracle_answer wanted = exact_.derivative(at, by);
      if (!std::isfinite(wanted.value) || !std::isfinite(wanted.doubt) || std::abs(wanted.value) > 1e30) continue;
      const float grad = f(by == by_x ? int{function_loops::grad} : int{function_loops::param_grad}, x);
      EXPECT_FALSE(std::isnan(grad)) << "the derivative by " << by << " at " << x << ", a = " << a << " is "
                                     << wanted.value << "; " << f.info().formula << "; " << f.info().derivative;
      ++looked_at;
    }
    return looked_at;
  }

  test::random_source random_;
  std::string text_;
  declaration raw_;
  oracle exact_;
};

TEST(equation_extremes, of_random_equations) {
  int looked_at = 0;
  const uint64_t count = test::case_count(1000);
  for (uint64_t i = 0; i < count; ++i) {
    if (!test::case_selected(i)) continue;
    SCOPED_TRACE(test::replay_line(i));
    looked_at += random_case(i).check();
  }
  EXPECT_GT(looked_at, static_cast<int>(15 * double(count) * test::case_share()));
}

// An equation that is a function of the catalogue, by its name or by its formula, is that function to the last bit.
TEST(equation_extremes, a_function_of_the_catalogue_is_itself) {
  for (const core::activation_info& info : plan::functions()) {
    std::string head = "f(x", call = fmt::format("{}(x", info.name);
    std::array<float, max_params> parameters{};
    for (int p = 0; p < info.param_count; ++p) {
      head += fmt::format("{}{}{}", p == 0 ? "; " : ", ", info.params[p].name, info.params[p].is_operand ? "" : "=1");
      call += fmt::format(", {0}={0}", info.params[p].name);
      parameters[static_cast<size_t>(p)] = info.params[p].is_operand ? -1.0f : info.params[p].default_value;
    }
    const device_function by_hand(info.name, parameters);
    for (const std::string& body : {call + ")", std::string(info.formula)}) {
      if (body == "x >= 0 ? 1 : 0") continue;  // is no step: that is NaN of NaN
      const device_function made(head + ") = " + body, parameters);
      const auto compare = [&](int quantity, float x) {
        const float got = made(quantity, x), wanted = by_hand(quantity, x);
        EXPECT_TRUE(same(got, wanted)) << quantity << " of " << head << ") = " << body << " at " << x << ": " << got
                                       << " instead of " << wanted << "; " << made.info().derivative;
      };
      for (const float x : {nan, -inf, inf, 0.0f, -0.0f, 1.0f, -1.0f, 3.0f, -3.0f, 6.0f, -6.0f, 0.3f, -17.0f}) {
        compare(function_loops::value, x);
        compare(function_loops::grad, x);
        for (int p = 0; p < info.param_count; ++p)
          if (info.params[p].trainable != 0) compare(function_loops::param_grad + p, x);
        if (!made.info().has_bit) continue;
        const float bit = made(function_loops::bit, x), of_bit = made(function_loops::grad_from_bit, bit);
        EXPECT_TRUE(same(of_bit, by_hand(function_loops::grad, x))) << body << " at " << x << ", from its bit";
      }
    }
  }
}

}  // namespace
}  // namespace gemmact::equation

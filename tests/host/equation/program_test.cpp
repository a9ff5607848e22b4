// Programs of random equations, run by the plainest interpreter there is, against the expressions that they come from.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/core/status.hpp"
#include "host/equation/equation.hpp"
#include "host/equation/function.hpp"
#include "host/equation/program.hpp"
#include "host/equation/schedule.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/random_text.hpp"
#include "tests/host/equation/rounding.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::equation {
namespace {

using core::program;
using core::source;
using test::known_forms;
using test::point;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// In double, but of the numbers as f32 has them.
double run(const program& p, const point& at) {
  std::vector<double> registers(static_cast<size_t>(p.registers), nan);
  const auto value = [&](const source& s) {
    switch (s.from) {
      case source::what::step:
        return registers.at(s.index);
      case source::what::argument:
        return at.x;
      case source::what::parameter:
        return at.parameters[s.index];
      default:
        return double(s.number);
    }
  };
  for (const core::program_step& step : p.steps) {
    node n;
    n.operation = step.operation;
    n.quantity = step.quantity;
    n.by = step.by;
    n.index = static_cast<int16_t>(step.function);
    n.count = step.count;
    double children[max_children];
    for (size_t i = 0; i < step.count; ++i) children[i] = value(step.from[i]);
    registers.at(step.to) = test::operation_result(n, children);
  }
  return value(p.result);
}

class random_case {
 public:
  explicit random_case(uint64_t index)
      : random_(index), text_(test::random_equation(random_, static_cast<int>(random_.between(1, 30)))) {}

  // How many results were compared, of how many.
  std::pair<int, int> check() {
    SCOPED_TRACE(text_);
    const auto made = make_function(text_, known_forms());
    e_ = work_out(text_, known_forms());
    const kept k = what_to_keep(e_, {}, known_forms());
    for (int i = 0; i < 5; ++i) {
      at_[0] = 2 * random_.normal(), at_[1] = static_cast<float>(random_.normal());
      const float x = static_cast<float>(i < 1 ? 0 : 3 * random_.normal());
      at_[0] = static_cast<float>(at_[0]);
      compare(made->value, e_.value, x);
      compare(made->grad, e_.grad, x);
      for (size_t p = 0; p < e_.param_grads.size(); ++p) compare(made->param_grad[p], e_.param_grads[p], x);
      EXPECT_EQ(made->info.needs, k.keep);
      if (!made->info.has_bit) continue;
      compare(made->bit, k.bit, x);
      const bool bit = run(made->bit, {x, at_}) != 0;
      const double of_bit = run(made->grad_from_bit, {bit ? 1.0 : 0.0, at_}), grad = run(made->grad, {x, at_});
      // Its two values may have been worked out before they were rounded.
      EXPECT_TRUE(of_bit == grad || std::abs(of_bit - grad) <= 1e-6 * std::abs(grad) ||
                  (std::isnan(of_bit) && std::isnan(grad)))
          << "the bit of " << x << " decides: " << of_bit << " and " << grad;
    }
    return {compared_, all_};
  }

 private:
  void compare(const program& p, node_id root, float x) {
    const test::bounded wanted = test::bounded_value(e_.text.nodes, root, {x, at_}, {0x1p-50, false});
    ++all_;
    if (!wanted.known) return;
    ++compared_;
    const double got = run(p, {x, at_});
    EXPECT_TRUE(wanted.allows(got)) << "at " << x << ": " << got << " instead of " << wanted.value << " +- "
                                    << wanted.error;
  }

  test::random_source random_;
  std::string text_;
  equation e_;
  std::array<double, 2> at_{};
  int compared_ = 0, all_ = 0;
};

TEST(equation_programs, of_random_equations) {
  int compared = 0, all = 0;
  const uint64_t count = test::case_count(1500);
  for (uint64_t i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    if (!test::case_selected(i)) continue;
    SCOPED_TRACE(test::replay_line(i));
    const auto [some, of] = random_case(i).check();
    compared += some, all += of;
  }
  EXPECT_GT(compared, all / 2) << "most points are worth comparing";
}

program program_of_text(std::string_view text) { return make_function(text, known_forms())->value; }

TEST(equation_programs, take_few_registers) {
  std::string sum = "x", deep = "x";
  for (int i = 0; i < 300; ++i) sum += " + sin(" + std::to_string(i) + "*x)";
  for (int i = 0; i < 40; ++i) deep = "(sin(x)*x - " + deep + ")";
  EXPECT_LE(program_of_text(sum).registers, 3);
  EXPECT_LE(program_of_text(deep).registers, 3);
  EXPECT_EQ(program_of_text("x").registers, 0);
  EXPECT_EQ(program_of_text("f(x; a=2) = a").result.from, source::what::parameter);
  EXPECT_EQ(program_of_text("3").result.number, 3);
}

TEST(equation_programs, multiply_for_whole_and_half_powers) {
  const auto operations = [](std::string_view text) {
    std::vector<op> all;
    for (const core::program_step& s : program_of_text(text).steps) all.push_back(s.operation);
    return all;
  };
  EXPECT_EQ(operations("x^2"), std::vector<op>{op::multiply});
  EXPECT_EQ(operations("x^8"), std::vector<op>(3, op::multiply));
  EXPECT_EQ(operations("x^15"), std::vector<op>(6, op::multiply));
  EXPECT_EQ(operations("x^-1"), std::vector<op>{op::divide});
  EXPECT_EQ(operations("x^-2"), (std::vector<op>{op::multiply, op::divide}));
  EXPECT_EQ(operations("x^0.5"), std::vector<op>{op::sqrt});
  EXPECT_EQ(operations("x^1.5"), (std::vector<op>{op::sqrt, op::multiply}));
  EXPECT_EQ(operations("x^17"), std::vector<op>{op::power});
  EXPECT_EQ(operations("x^1.25"), std::vector<op>{op::power});
  EXPECT_EQ(operations("x^2 + x^4"), (std::vector<op>{op::multiply, op::multiply, op::add})) << "x^2 once";
}

TEST(equation_programs, of_what_is_too_much_are_refused) {
  graph g(20000);
  node_id sum = g.variable();
  for (int i = 0; i < 4001; ++i) sum = g.make(op::add, {sum, g.constant(i + 0.5)});
  EXPECT_THROW(program_of(g, sum), core::failure) << "4001 operations";
  // 600 values, each made of the one before, that are all waited for.
  graph wide(20000);
  std::vector<node_id> values = {wide.variable()};
  for (int i = 0; i < 600; ++i) values.push_back(wide.make(op::sin, {values.back()}));
  node_id all = values.back();
  for (const node_id v : values) all = wide.make(op::subtract, {v, all});
  EXPECT_THROW(program_of(wide, all), core::failure) << "600 registers";
}

}  // namespace
}  // namespace gemmact::equation

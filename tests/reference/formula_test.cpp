// The references, and the formulas that the catalogue prints, against MPFR.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/functions.hpp"
#include "tests/reference/formula.hpp"
#include "tests/support/random.hpp"

namespace gemmact::reference {
namespace {

using test::functions;
using test::setting;

const real step_size(0x1p-160);

struct exact_function {
  const setting& s;

  variables names(const real& x) const {
    variables all = {{"x", x}};
    for (int i = 0; i < s.f->info->param_count; ++i) all.emplace(s.f->info->params[i].name, real(s.exact[i]));
    return all;
  }
  real value(const real& x) const { return evaluate(s.f->info->formula, names(x)); }
  real grad(const real& x) const { return (value(x + step_size) - value(x - step_size)) / (real(2) * step_size); }
  real printed_grad(const real& x) const { return evaluate(s.f->info->derivative, names(x)); }
  real param_grad(int i, const real& x) const {
    const auto at = [&](const real& moved) {
      variables all = names(x);
      all.insert_or_assign(s.f->info->params[i].name, moved);
      return evaluate(s.f->info->formula, all);
    };
    const real p(s.exact[i]);
    return (at(p + step_size) - at(p - step_size)) / (real(2) * step_size);
  }
};

std::vector<double> inputs() {
  test::random_source random(5);
  std::vector<double> all = {0.0, 1.0, -1.0, 2.0, -2.0, 1e-30, -1e-30};
  for (int i = 0; i < 300; ++i) all.push_back(float(20 * (2 * random.uniform() - 1)));
  for (int i = 0; i < 100; ++i) all.push_back(float(2 * random.uniform() - 1));
  for (int i = 0; i < 100; ++i) all.push_back(float(110 * (2 * random.uniform() - 1)));
  for (int i = 0; i < 100; ++i) all.push_back(float(std::exp(60 * (random.uniform() - 0.9)) * (i % 2 == 0 ? 1 : -1)));
  return all;
}

// The share of what a reference may be off: a ten-thousandth of what f32 may be, and a few bits of double.
constexpr double share = 1e-4, unit = 0x1p-24, double_bits = 0x1p-49, least = 0x1p-200;

double value_error(const row& r, const setting& s, double x) {
  const double exact = exact_function{s}.value(x).to_double();
  const double allowed = (share * unit * r.value_ulps(x, s.exact) + double_bits) * std::abs(exact) + least;
  return std::abs(r.value(x, s.exact) - exact) / allowed;
}

double grad_error(const row& r, const setting& s, double x, double exact) {
  const double allowed = share * unit * r.grad_scale(x, s.exact) + double_bits * std::abs(exact) + 0x1p-150;
  return std::abs(r.grad(x, s.exact) - exact) / allowed;
}

bool at_breakpoint(const setting& s, double x) {
  const activation::points all = s.f->breakpoints(s.p);
  for (int i = 0; i < all.count; ++i)
    if (x == all.at[i]) return true;
  return false;
}

TEST(formula, references_agree_with_multiprecision) {
  for (const test::function& f : functions()) {
    if (f.ref == nullptr || !f.ref->own_file) continue;
    for (const setting& s : settings(f))
      for (const double x : inputs()) {
        const exact_function exact{s};
        EXPECT_LE(value_error(*f.ref, s, x), 1) << s.text() << " at " << x;
        EXPECT_LE(grad_error(*f.ref, s, x, exact.printed_grad(x).to_double()), 1)
            << "printed derivative of " << s.text() << " at " << x;
        if (at_breakpoint(s, x)) continue;
        EXPECT_LE(grad_error(*f.ref, s, x, exact.grad(x).to_double()), 1)
            << "derivative of " << s.text() << " at " << x;
        for (int i = 0; i < f.info->param_count; ++i) {
          if (!f.info->params[i].trainable) continue;
          const double p = exact.param_grad(i, x).to_double();
          EXPECT_NEAR(f.ref->param_grad(i, x, s.exact), p, 1e-12 * std::abs(p) + 1e-60) << s.text() << " at " << x;
        }
      }
  }
}

TEST(formula, other_is_one_minus_the_value) {
  for (const test::function& f : functions()) {
    if (f.ref == nullptr || f.ref->other == nullptr) continue;
    const setting s = settings(f)[0];
    for (const double x : inputs()) {
      const double exact = (real(1) - exact_function{s}.value(x)).to_double();
      EXPECT_NEAR(f.ref->other(x, s.exact), exact, 1e-13 * std::abs(exact) + 1e-80) << f.name << " at " << x;
    }
  }
}

// A wrong reference must be found.
TEST(formula, finds_a_wrong_constant_in_a_reference) {
  const row* right = find("gelu_tanh");
  ASSERT_NE(right, nullptr);
  row wrong = *right;
  wrong.value = [](double x, const double*) {
    return times_logistic(x, 2 * std::sqrt(2 / std::acos(-1.0)) * (x + 0.044716 * x * x * x));
  };
  wrong.grad = [](double x, const double*) { return logistic(x) * (1 + logistic(x)); };
  for (const test::function& f : functions()) {
    if (f.name != "gelu_tanh") continue;
    const setting s = settings(f)[0];
    EXPECT_LE(value_error(*right, s, -1.5), 1);
    EXPECT_GT(value_error(wrong, s, -1.5), 1);
    EXPECT_GT(grad_error(wrong, s, -1.5, exact_function{s}.grad(-1.5).to_double()), 1);
  }
}

TEST(formula, is_read_as_it_is_written) {
  const variables x = {{"x", real(3)}};
  EXPECT_EQ(evaluate("-x^2", x).to_double(), -9);
  EXPECT_EQ(evaluate("2^x^2 / 2", x).to_double(), 256);
  EXPECT_EQ(evaluate("x <= 2 ? 1 : x == 3 ? 2 : 3", x).to_double(), 2);
  EXPECT_EQ(evaluate("a * max(x, b), b = 4, a = b + 1", x).to_double(), 20);
  EXPECT_THROW(evaluate("x +", x), std::runtime_error);
  EXPECT_THROW(evaluate("y", x), std::runtime_error);
  EXPECT_THROW(evaluate("gamma(x)", x), std::runtime_error);
}

}  // namespace
}  // namespace gemmact::reference

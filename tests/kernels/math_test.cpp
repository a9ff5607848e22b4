// The elementary functions of kernels/arch/math/host.hpp against <cmath> in double: the errors that stand beside them.
#include "kernels/arch/math/math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using accurate = math<accuracy::accurate>;
using fast = math<accuracy::fast>;

constexpr double unit = 0x1p-24;
constexpr float infinity = std::numeric_limits<float>::infinity();
const float nan_value = std::numeric_limits<float>::quiet_NaN();

struct elementary {
  const char* name;
  float (*accurate_form)(float);
  float (*fast_form)(float);
  double (*exact)(double);
  double low, high;  // domain
  double ulps;       // accurate: relative error in 2^-24
  double relative;   // fast
};

double scaled_erfc(double x) {
  if (x < 20) return std::exp(x * x) * std::erfc(x);
  const double r = 1 / (x * x);  // asymptotic series
  return (1 - r / 2 + 0.75 * r * r) / (x * std::sqrt(std::acos(-1.0)));
}

const elementary functions[] = {
    {"exp", accurate::exp, fast::exp, std::exp, -120, 88.3, 2, 0x1p-13},
    {"expm1", accurate::expm1, fast::expm1, std::expm1, -120, 88.7, 2.5, 0x1p-13},
    {"log1p_unit", accurate::log1p_unit, fast::log1p_unit, std::log1p, 0, 1, 3, 0x1p-18},
    {"log1p", accurate::log1p, fast::log1p, std::log1p, -1, 3.4e38, 3, 0x1p-18},
    {"log", accurate::log, fast::log, std::log, 0, 3.4e38, 3, 0x1p-18},
    {"tanh", accurate::tanh, fast::tanh, std::tanh, -110, 110, 4, 0x1p-12},
    {"erf", accurate::erf, fast::erf, std::erf, -110, 110, 3.5, 0x1p-12},
    {"erfcx", accurate::erfcx, fast::erfcx, scaled_erfc, 0, 1e30, 7, 0x1p-13},
    {"sigmoid", accurate::sigmoid, fast::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -110, 110, 4,
     0x1p-13},
};

std::vector<float> inputs_in(double low, double high) {
  random_source random(21);
  std::vector<float> all = {float(low), float(high)};
  for (int i = 0; i < 200000; ++i) {
    const double u = random.uniform();
    const double size = std::exp2(-140 + 268 * random.uniform());
    const double v[] = {low + (high - low) * u, 2 * u - 1, 12 * (2 * u - 1), u < 0.5 ? -size : size,
                        1 + 0.1 * (u - 0.5)};
    if (const double x = v[i % 5]; x >= low && x <= high) all.push_back(float(x));
  }
  return all;
}

TEST(math, errors_are_as_stated) {
  for (const elementary& f : functions) {
    double worst = 0, worst_fast = 0;
    for (const float x : inputs_in(f.low, f.high)) {
      const double exact = f.exact(x);
      const double error = std::abs(f.accurate_form(x) - exact), fast_error = std::abs(f.fast_form(x) - exact);
      if (std::isinf(exact)) continue;
      EXPECT_LE(error, unit * f.ulps * std::abs(exact) + 0x1p-149)
          << f.name << " at " << x << ": " << f.accurate_form(x);
      EXPECT_LE(fast_error, f.relative * std::abs(exact) + 0x1p-125) << f.name << " at " << x << ": " << f.fast_form(x);
      if (std::abs(exact) < 0x1p-126) continue;
      worst = std::fmax(worst, error / (unit * std::abs(exact)));
      worst_fast = std::fmax(worst_fast, fast_error / std::abs(exact));
    }
    RecordProperty(f.name, std::to_string(worst));
    EXPECT_GT(worst, f.ulps / 4) << f.name << ": the stated error is needlessly large";
    EXPECT_GT(worst_fast, 4 * unit) << f.name << ": the fast form is not another one";
  }
}

TEST(math, keeps_nan_and_the_sign_of_zero) {
  for (const elementary& f : functions) {
    EXPECT_TRUE(std::isnan(f.accurate_form(nan_value))) << f.name;
    EXPECT_TRUE(std::isnan(f.fast_form(nan_value))) << f.name;
    if (f.exact(-0.0) != 0 || f.low == 0) continue;
    EXPECT_TRUE(std::signbit(f.accurate_form(-0.0f))) << f.name;
    EXPECT_TRUE(std::signbit(f.fast_form(-0.0f))) << f.name;
  }
}

TEST(math, has_the_limits) {
  EXPECT_EQ(accurate::exp(-infinity), 0);
  EXPECT_EQ(fast::exp(-infinity), 0);
  EXPECT_EQ(accurate::exp(infinity), infinity);
  EXPECT_EQ(fast::exp(infinity), infinity);
  EXPECT_EQ(accurate::exp(0), 1);
  EXPECT_EQ(accurate::expm1(-infinity), -1);
  EXPECT_EQ(accurate::expm1(infinity), infinity);
  EXPECT_EQ(accurate::log(0), -infinity);
  EXPECT_EQ(accurate::log(infinity), infinity);
  EXPECT_TRUE(std::isnan(accurate::log(-1)));
  EXPECT_EQ(accurate::log1p(-1), -infinity);
  EXPECT_EQ(accurate::log1p(infinity), infinity);
  EXPECT_TRUE(std::isnan(accurate::log1p(-2)));
  EXPECT_EQ(accurate::tanh(infinity), 1);
  EXPECT_EQ(accurate::tanh(-infinity), -1);
  EXPECT_EQ(fast::tanh(infinity), 1);
  EXPECT_EQ(accurate::erf(infinity), 1);
  EXPECT_EQ(accurate::erfcx(infinity), 0);
  EXPECT_EQ(accurate::sigmoid(-infinity), 0);
  EXPECT_EQ(accurate::sigmoid(infinity), 1);
}

TEST(math, smaller_and_larger_keep_nan) {
  EXPECT_EQ(accurate::min(1, 2), 1);
  EXPECT_EQ(accurate::max(1, 2), 2);
  EXPECT_EQ(accurate::min(2, 1), 1);
  EXPECT_EQ(accurate::max(2, 1), 2);
  for (const auto f : {accurate::min, accurate::max}) {
    EXPECT_TRUE(std::isnan(f(nan_value, 1)));
    EXPECT_TRUE(std::isnan(f(1, nan_value)));
  }
}

}  // namespace
}  // namespace gemmact::test

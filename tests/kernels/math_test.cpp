// The elementary functions of kernels/arch/math against <cmath> in double: the errors that stand beside them, on the side
// that this file is compiled for (the CPU device, or a GPU's with instructions as wrong as they may be).
#include "kernels/arch/math/math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/random.hpp"
#if GEMMACT_EMULATED
#include "tests/arch/math/gpu_loops.hpp"
#endif

namespace gemmact::test {
namespace {

using accurate = math<accuracy::accurate>;
using fast = math<accuracy::fast>;

constexpr double unit = 0x1p-24;
constexpr float infinity = std::numeric_limits<float>::infinity();
const float nan_value = std::numeric_limits<float>::quiet_NaN();

struct stated {
  double ulps;                // accurate: relative error in 2^-24, plus ...
  double per_x;               // ... this for each unit of |x|
  double relative, absolute;  // fast
};

struct elementary {
  const char* name;
  float (*accurate_form)(float);
  float (*fast_form)(float);
  double (*exact)(double);
  double low, high;  // domain
  stated cpu, gpu;

  const stated& here() const { return GEMMACT_EMULATED ? gpu : cpu; }
};

double scaled_erfc(double x) {
  if (x < 20) return std::exp(x * x) * std::erfc(x);
  const double r = 1 / (x * x);  // asymptotic series
  return (1 - r / 2 + 0.75 * r * r) / (x * std::sqrt(std::acos(-1.0)));
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// clang-format off
const elementary functions[] = {
    {"exp", accurate::exp, fast::exp, std::exp, -120, 88.3, {2, 0, 0x1p-13, 0}, {11, 0.06, 0x1p-17, 0}},
    {"exp_flushed", accurate::exp_flushed, fast::exp_flushed, std::exp, -120, 0, {2, 0, 0x1p-13, 0}, {5, 1.25, 0x1p-17, 0}},
    {"expm1", accurate::expm1, fast::expm1, std::expm1, -120, 88.7, {2.5, 0, 0x1p-13, 0}, {2.5, 0, 0x1p-17, 0x1p-20}},
    {"expm1_below", accurate::expm1_below, fast::expm1_below, std::expm1, -120, 0, {2.5, 0, 0x1p-13, 0}, {14, 0, 0, 0x1p-20}},
    {"log1p_unit", accurate::log1p_unit, fast::log1p_unit, std::log1p, 0, 1, {3, 0, 0x1p-18, 0}, {3, 0, 0, 0x1p-22}},
    {"log1p", accurate::log1p, fast::log1p, std::log1p, -1, 3.4e38, {3, 0, 0x1p-18, 0}, {3, 0, 0x1p-21, 0x1p-22}},
    {"log", accurate::log, fast::log, std::log, 0, 3.4e38, {3, 0, 0x1p-18, 0}, {3, 0, 0x1p-21, 0x1p-22}},
    {"tanh", accurate::tanh, fast::tanh, std::tanh, -110, 110, {4, 0, 0x1p-12, 0}, {10, 0, 0x1p-11, 0}},
    {"erf", accurate::erf, fast::erf, std::erf, -110, 110, {3.5, 0, 0x1p-12, 0}, {12, 0, 0x1p-12, 0}},
    {"erfcx", accurate::erfcx, fast::erfcx, scaled_erfc, 0, 1e30, {7, 0, 0x1p-13, 0}, {13, 0, 0x1p-13, 0}},
    {"sigmoid", accurate::sigmoid, fast::sigmoid, logistic, -110, 110, {4, 0, 0x1p-13, 0}, {15, 0.06, 0, 0x1.001p-12}},
};
// clang-format on

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
#if GEMMACT_EMULATED
  const wrong_instructions wrong(uint64_t{1});
#endif
  for (const elementary& f : functions) {
    const stated& bound = f.here();
    double worst = 0, worst_fast = 0, worst_share = 0;
    for (const float x : inputs_in(f.low, f.high)) {
      const double exact = f.exact(x), size = std::abs(exact);
      const double error = std::abs(f.accurate_form(x) - exact), fast_error = std::abs(f.fast_form(x) - exact);
      if (std::isinf(exact)) continue;
      const bool flushes = GEMMACT_EMULATED && f.accurate_form == accurate::exp_flushed;
      const double allowed = unit * (bound.ulps + bound.per_x * std::abs(x)) * size + (flushes ? 0x1p-126 : 0x1p-149);
      EXPECT_LE(error, allowed) << f.name << " at " << x << ": " << f.accurate_form(x);
      const bool flushed = GEMMACT_EMULATED && x > 0 && x < 0x1p-126f && f.fast_form == fast::log;  // to log 0
      const double allowed_fast = bound.relative * size + bound.absolute + 0x1p-125;
      EXPECT_LE(flushed ? 0 : fast_error, allowed_fast) << f.name << " at " << x << ": " << f.fast_form(x);
      if (size < 0x1p-126) continue;
      worst = std::fmax(worst, error / (unit * size));
      worst_share = std::fmax(worst_share, error / allowed);
      worst_fast = std::fmax(worst_fast, fast_error / size);
    }
    RecordProperty(f.name, std::to_string(worst));
    EXPECT_GT(worst_share, 0.25) << f.name << ": the stated error is needlessly large";
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

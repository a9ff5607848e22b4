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
  double (*slope)(double y) =
      nullptr;  // where pi / 2 in the argument lacks 2^-53 |x| (fast 2^-44): what that does to y

  const stated& here() const { return GEMMACT_EMULATED ? gpu : cpu; }
};

double scaled_erfc(double x) {
  if (x < 20) return std::exp(x * x) * std::erfc(x);
  const double r = 1 / (x * x);  // asymptotic series
  return (1 - r / 2 + 0.75 * r * r) / (x * std::sqrt(std::acos(-1.0)));
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double root_below(double x) { return 1 / std::sqrt(x); }
double slope_of_sine(double) { return 1; }
double slope_of_tangent(double y) { return 1 + y * y; }

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
    {"sqrt", accurate::sqrt, fast::sqrt, std::sqrt, 0, 3.4e38, {1, 0, unit, 0}, {2, 0, 2 * unit, 0}},
    {"rsqrt", accurate::rsqrt, fast::rsqrt, root_below, 0, 3.4e38, {2, 0, 2 * unit, 0}, {2.2, 0, 2.2 * unit, 0}},
    {"sin", accurate::sin, fast::sin, std::sin, -65536, 65536, {3.5, 0, 0x1p-14, 0}, {3.5, 0, 0, 0x1p-20}, slope_of_sine},
    {"cos", accurate::cos, fast::cos, std::cos, -65536, 65536, {3.5, 0, 0x1p-14, 0}, {3.5, 0, 0, 0x1p-20}, slope_of_sine},
    {"tan", accurate::tan, fast::tan, std::tan, -65536, 65536, {4, 0, 0x1p-13, 0}, {5, 0, 0x1p-13, 0}, slope_of_tangent},
    {"atan", accurate::atan, fast::atan, std::atan, -3.4e38, 3.4e38, {3, 0, 0x1p-14, 0}, {3.5, 0, 0x1p-14, 0}},
    {"sinh", accurate::sinh, fast::sinh, std::sinh, -89.4, 89.4, {3, 0, 0x1p-15, 0}, {3, 0, 0x1p-16, 0}},
    {"cosh", accurate::cosh, fast::cosh, std::cosh, -89.4, 89.4, {2.5, 0, 0x1p-15, 0}, {2.5, 0, 0x1p-17, 0}},
    {"asinh", accurate::asinh, fast::asinh, std::asinh, -3.4e38, 3.4e38, {3.5, 0, 0x1p-18, 0}, {3.5, 0, 0x1p-21, 0x1p-21}},
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
      const double lacking = f.slope == nullptr ? 0 : 0x1p-53 * std::abs(x) * f.slope(exact);
      const double allowed =
          unit * (bound.ulps + bound.per_x * std::abs(x)) * size + lacking + (flushes ? 0x1p-126 : 0x1p-149);
      EXPECT_LE(error, allowed) << f.name << " at " << x << ": " << f.accurate_form(x);
      const bool flushed = GEMMACT_EMULATED && x < 0x1p-126f && f.low == 0 && f.fast_form(0) != 1;  // to that of 0
      const double allowed_fast = bound.relative * size + bound.absolute + lacking * 0x1p9 + 0x1p-125;
      EXPECT_LE(flushed ? 0 : fast_error, allowed_fast) << f.name << " at " << x << ": " << f.fast_form(x);
      if (size < 0x1p-126) continue;
      worst = std::fmax(worst, error / (unit * size));
      worst_share = std::fmax(worst_share, error / allowed);
      worst_fast = std::fmax(worst_fast, fast_error / size);
    }
    RecordProperty(f.name, std::to_string(worst));
    EXPECT_GT(worst_share, 0.25) << f.name << ": the stated error is needlessly large";
    if (bound.relative + bound.absolute < 4 * unit) continue;
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

struct value {
  const char* name;
  float (*accurate_form)(float);
  float (*fast_form)(float);
  float x, y;
};

void expect_same(float got, float expected, const char* name, float x) {
  if (std::isnan(expected)) EXPECT_TRUE(std::isnan(got)) << name << " of " << x << " is " << got;
  else EXPECT_EQ(bit_cast<u32>(got), bit_cast<u32>(expected)) << name << " of " << x << " is " << got;
}

TEST(math, has_the_values_of_c) {
  constexpr float half_pi = 1.57079637f, smallest = 0x1p-149f;
  const value values[] = {
      {"sign", accurate::sign, fast::sign, -smallest, -1},
      {"sign", accurate::sign, fast::sign, infinity, 1},
      {"sign", accurate::sign, fast::sign, -0.0f, -0.0f},
      {"sign", accurate::sign, fast::sign, nan_value, nan_value},
      {"sqrt", accurate::sqrt, fast::sqrt, -1, nan_value},
      {"sqrt", accurate::sqrt, fast::sqrt, -infinity, nan_value},
      {"sqrt", accurate::sqrt, fast::sqrt, 0, 0},
      {"sqrt", accurate::sqrt, fast::sqrt, -0.0f, -0.0f},
      {"sqrt", accurate::sqrt, fast::sqrt, infinity, infinity},
      {"sqrt", accurate::sqrt, accurate::sqrt, -smallest, nan_value},
      {"sqrt", accurate::sqrt, accurate::sqrt, 4 * 0x1p-148f, 2 * 0x1p-74f},
      {"rsqrt", accurate::rsqrt, fast::rsqrt, -1, nan_value},
      {"rsqrt", accurate::rsqrt, fast::rsqrt, -infinity, nan_value},
      {"rsqrt", accurate::rsqrt, fast::rsqrt, 0, infinity},
      {"rsqrt", accurate::rsqrt, fast::rsqrt, -0.0f, -infinity},
      {"rsqrt", accurate::rsqrt, fast::rsqrt, infinity, 0},
      {"rsqrt", accurate::rsqrt, accurate::rsqrt, 0x1p-148f, 0x1p74f},
      {"sin", accurate::sin, fast::sin, infinity, nan_value},
      {"sin", accurate::sin, fast::sin, -infinity, nan_value},
      {"cos", accurate::cos, fast::cos, infinity, nan_value},
      {"cos", accurate::cos, fast::cos, -0.0f, 1},
      {"cos", accurate::cos, fast::cos, smallest, 1},
      {"tan", accurate::tan, fast::tan, infinity, nan_value},
      {"tan", accurate::tan, fast::tan, -infinity, nan_value},
      {"atan", accurate::atan, fast::atan, infinity, half_pi},
      {"atan", accurate::atan, fast::atan, -infinity, -half_pi},
      {"sinh", accurate::sinh, fast::sinh, infinity, infinity},
      {"sinh", accurate::sinh, fast::sinh, -infinity, -infinity},
      {"sinh", accurate::sinh, fast::sinh, 89.42f, infinity},
      {"sinh", accurate::sinh, fast::sinh, -1e30f, -infinity},
      {"cosh", accurate::cosh, fast::cosh, 0, 1},
      {"cosh", accurate::cosh, fast::cosh, -infinity, infinity},
      {"cosh", accurate::cosh, fast::cosh, -89.42f, infinity},
      {"asinh", accurate::asinh, fast::asinh, infinity, infinity},
      {"asinh", accurate::asinh, fast::asinh, -infinity, -infinity},
  };
  for (const value& v : values) {
    expect_same(v.accurate_form(v.x), v.y, v.name, v.x);
    expect_same(v.fast_form(v.x), v.y, v.name, v.x);
  }
}

// Beyond the arguments of the table the error of sin and cos grows with x, but they stay what a sine can be.
TEST(math, of_huge_angles_stays_a_sine) {
#if GEMMACT_EMULATED
  const wrong_instructions wrong(uint64_t{1});
#endif
  random_source random(22);
  for (int i = 0; i < 200000; ++i) {
    const float x = float((random.uniform() < 0.5 ? -1 : 1) * std::exp2(16 + 112 * std::pow(random.uniform(), 3)));
    const double grown = std::abs(x) * 0x1p-21;
    for (const auto f : {accurate::sin, fast::sin, accurate::cos, fast::cos}) {
      const double y = f(x), exact = f == accurate::sin || f == fast::sin ? std::sin(x) : std::cos(x);
      EXPECT_LE(std::abs(y), 1) << x;
      EXPECT_LE(std::abs(y - exact), grown + 0x1p-14) << x;
    }
    EXPECT_FALSE(std::isnan(accurate::tan(x)) || std::isnan(fast::tan(x))) << x;
  }
}

struct pair {
  float a, b;
};

// Where a^b is no zero, infinity or NaN by much: any a with any fitting b, a near 1, results near the ends of the range,
// roots and small powers.
pair draw_pair(random_source& random, int kind) {
  const double u = random.uniform(), v = 2 * random.uniform() - 1;
  float a = float(10 * u), range = 150;
  if (kind == 0) a = float(std::exp2(-149 + 277 * u));
  if (kind == 1) a = 1 + float((u - 0.5) * std::exp2(-22 * random.uniform()));
  if (kind == 2) a = float(0.5 + 1.5 * u);
  if (kind == 3) range = float(std::abs(20 * std::log2(double(a))));
  const double log = std::fmax(0x1p-25, std::abs(std::log2(double(a))));
  return {a, float((kind == 2 ? std::copysign(120 + 10 * std::abs(v), v) : v * range) / log)};
}

TEST(math, errors_of_pow_are_as_stated) {
#if GEMMACT_EMULATED
  const wrong_instructions wrong(uint64_t{1});
#endif
  random_source random(23);
  double worst = 0, worst_share = 0;
  for (int i = 0; i < 400000; ++i) {
    const auto [a, b] = draw_pair(random, i % 4);
    const double exact = std::pow(double(a), double(b)), log = std::abs(std::log2(double(a)));
    if (!(exact < 3.4028e38)) continue;
    const double error = std::abs(accurate::pow(a, b) - exact);
    EXPECT_LE(error, 6 * unit * exact + 0x1p-149) << "pow(" << a << ", " << b << ")";
    if (exact < 0x1p-126) continue;
    worst = std::fmax(worst, error / exact / unit);
    const double share =
        GEMMACT_EMULATED ? 0x1p-22 * (1 + std::abs(b) * std::fmax(1, log)) : 0x1p-15 + 0x1p-19 * std::abs(b) * log;
    // Its bound is one to first order; what it flushes, or an error moves across an end of the range, is no share.
    if (share > 0x1p-6 || (GEMMACT_EMULATED && a < 0x1p-126f) || exact < 0x1p-125 || exact > 0x1p127) continue;
    const double fast_error = std::abs(fast::pow(a, b) - exact) / exact;
    EXPECT_LE(fast_error, share) << "pow(" << a << ", " << b << ")";
    worst_share = std::fmax(worst_share, fast_error / share);
  }
  RecordProperty("pow", std::to_string(worst));
  EXPECT_GT(worst, 3);
  EXPECT_GT(worst_share, 0.3);
}

TEST(math, pow_is_cs_at_every_edge) {
  const float largest = std::numeric_limits<float>::max();
  std::vector<float> edges = {nan_value};
  for (const float x :
       {0.0f,       0x1p-149f,  0x1p-126f,   0x1p-24f,    0.5f,    1 - 0x1p-24f, 1.0f,       1 + 0x1p-23f,
        1.5f,       2.0f,       3.0f,        127.0f,      128.0f,  149.0f,       8388607.0f, 8388607.5f,
        8388608.0f, 8388609.0f, 16777215.0f, 16777216.0f, 0x1p40f, largest,      infinity})
    edges.insert(edges.end(), {x, -x});
  for (const float a : edges)
    for (const float b : edges) {
      const double exact = std::pow(double(a), double(b));
      const float wanted = float(exact), got = accurate::pow(a, b);
      if (std::isnan(wanted) || std::isinf(wanted) || wanted == 0 || std::abs(wanted) == 1 || std::isnan(got)) {
        expect_same(got, wanted, "pow", a);
        if (std::isnan(wanted) || a == 0 || std::isinf(a) || b == 0 || std::isinf(b) || std::abs(a) == 1)
          expect_same(fast::pow(a, b), wanted, "fast pow", a);
      } else {
        EXPECT_LE(std::abs(got - exact), 6 * unit * std::abs(exact) + 0x1p-149) << "pow(" << a << ", " << b << ")";
      }
      EXPECT_FALSE(HasFailure()) << "pow(" << a << ", " << b << ")";
      if (HasFailure()) return;
    }
}

#if GEMMACT_EMULATED
// Where a's logarithm is lost to the instruction's error, an infinite exponent meets 0.
TEST(math, fast_pow_of_nearly_one_is_a_number) {
  const float a = 1 + 0x1p-23f;
  const wrong_instructions wrong(wrong_instructions::shares{.lg2 = -0x1p22 * std::log2(double(a))});
  EXPECT_EQ(arch::lg2_approx(a), 0);
  for (const float b : {infinity, -infinity}) EXPECT_FALSE(std::isnan(fast::pow(a, b))) << b;
}
#endif

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

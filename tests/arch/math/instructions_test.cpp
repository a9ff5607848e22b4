// The emulated special-function instructions: their special values, their rounding, and the errors that a test may add.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/arch/math/emulated.hpp"
#include "tests/arch/math/gpu_loops.hpp"
#include "tests/kernels/inputs.hpp"

namespace gemmact::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float subnormal = 0x1p-127f;
const float nan_value = std::numeric_limits<float>::quiet_NaN();

struct answer {
  const char* name;
  float (*instruction)(float);
  float operand, result;
};

// From the PTX ISA's tables of these instructions (.ftz but for tanh).
const answer answers[] = {
    {"ex2", arch::ex2_approx, -infinity, 0.0f},
    {"ex2", arch::ex2_approx, -subnormal, 1.0f},
    {"ex2", arch::ex2_approx, 0.0f, 1.0f},
    {"ex2", arch::ex2_approx, -126.0f, 0x1p-126f},
    {"ex2", arch::ex2_approx, -126.5f, 0.0f},
    {"ex2", arch::ex2_approx, 128.0f, infinity},
    {"ex2", arch::ex2_approx, infinity, infinity},
    {"lg2", arch::lg2_approx, -infinity, nan_value},
    {"lg2", arch::lg2_approx, -1.0f, nan_value},
    {"lg2", arch::lg2_approx, -subnormal, -infinity},
    {"lg2", arch::lg2_approx, -0.0f, -infinity},
    {"lg2", arch::lg2_approx, 0.0f, -infinity},
    {"lg2", arch::lg2_approx, subnormal, -infinity},
    {"lg2", arch::lg2_approx, 0x1p-126f, -126.0f},
    {"lg2", arch::lg2_approx, infinity, infinity},
    {"rcp", arch::rcp_approx, -infinity, -0.0f},
    {"rcp", arch::rcp_approx, -subnormal, -infinity},
    {"rcp", arch::rcp_approx, -0.0f, -infinity},
    {"rcp", arch::rcp_approx, 0.0f, infinity},
    {"rcp", arch::rcp_approx, subnormal, infinity},
    {"rcp", arch::rcp_approx, 0x1p126f, 0x1p-126f},
    {"rcp", arch::rcp_approx, -0x1p127f, -0.0f},
    {"rcp", arch::rcp_approx, infinity, 0.0f},
    {"rsqrt", arch::rsqrt_approx, -infinity, nan_value},
    {"rsqrt", arch::rsqrt_approx, -1.0f, nan_value},
    {"rsqrt", arch::rsqrt_approx, -subnormal, -infinity},
    {"rsqrt", arch::rsqrt_approx, -0.0f, -infinity},
    {"rsqrt", arch::rsqrt_approx, 0.0f, infinity},
    {"rsqrt", arch::rsqrt_approx, subnormal, infinity},
    {"rsqrt", arch::rsqrt_approx, 4.0f, 0.5f},
    {"rsqrt", arch::rsqrt_approx, infinity, 0.0f},
    {"sqrt", arch::sqrt_approx, -infinity, nan_value},
    {"sqrt", arch::sqrt_approx, -1.0f, nan_value},
    {"sqrt", arch::sqrt_approx, -subnormal, -0.0f},
    {"sqrt", arch::sqrt_approx, -0.0f, -0.0f},
    {"sqrt", arch::sqrt_approx, 0.0f, 0.0f},
    {"sqrt", arch::sqrt_approx, subnormal, 0.0f},
    {"sqrt", arch::sqrt_approx, 4.0f, 2.0f},
    {"sqrt", arch::sqrt_approx, infinity, infinity},
    {"sin", arch::sin_approx, -infinity, nan_value},
    {"sin", arch::sin_approx, -subnormal, -0.0f},
    {"sin", arch::sin_approx, -0.0f, -0.0f},
    {"sin", arch::sin_approx, 0.0f, 0.0f},
    {"sin", arch::sin_approx, subnormal, 0.0f},
    {"sin", arch::sin_approx, infinity, nan_value},
    {"cos", arch::cos_approx, -infinity, nan_value},
    {"cos", arch::cos_approx, -subnormal, 1.0f},
    {"cos", arch::cos_approx, -0.0f, 1.0f},
    {"cos", arch::cos_approx, 0.0f, 1.0f},
    {"cos", arch::cos_approx, subnormal, 1.0f},
    {"cos", arch::cos_approx, infinity, nan_value},
    {"tanh", arch::tanh_approx, -infinity, -1.0f},
    {"tanh", arch::tanh_approx, -0.0f, -0.0f},
    {"tanh", arch::tanh_approx, 0.0f, 0.0f},
    {"tanh", arch::tanh_approx, subnormal, subnormal},
    {"tanh", arch::tanh_approx, infinity, 1.0f},
};

constexpr float (*instructions[])(float) = {arch::ex2_approx,  arch::lg2_approx, arch::rcp_approx, arch::rsqrt_approx,
                                            arch::sqrt_approx, arch::sin_approx, arch::cos_approx, arch::tanh_approx};

void expect_same(float got, float expected, const char* what, float at) {
  if (std::isnan(expected)) EXPECT_EQ(bit_cast<u32>(got), 0x7fffffffu) << what << " of " << at;
  else EXPECT_EQ(bit_cast<u32>(got), bit_cast<u32>(expected)) << what << " of " << at << " is " << got;
}

TEST(instructions, have_the_documented_special_values) {
  for (const answer& a : answers) expect_same(a.instruction(a.operand), a.result, a.name, a.operand);
  for (const auto instruction : instructions)
    expect_same(instruction(nan_value), nan_value, "an instruction", nan_value);
}

TEST(instructions, keep_nan_in_comparisons) {
  for (const auto f : {arch::min_nan, arch::max_nan}) {
    expect_same(f(nan_value, 1), nan_value, "a comparison", 1);
    expect_same(f(1, nan_value), nan_value, "a comparison", 1);
  }
  expect_same(arch::min_nan(1, 2), 1, "min", 1);
  expect_same(arch::max_nan(1, 2), 2, "max", 1);
  expect_same(arch::min_nan(0.0f, -0.0f), -0.0f, "min", 0);
  expect_same(arch::min_nan(-0.0f, 0.0f), -0.0f, "min", 0);
  expect_same(arch::max_nan(0.0f, -0.0f), 0.0f, "max", 0);
  expect_same(arch::max_nan(-0.0f, 0.0f), 0.0f, "max", 0);
}

TEST(instructions, fma_rounds_once) {
  EXPECT_EQ(arch::fma_rn(1 + 0x1p-23f, 1 - 0x1p-23f, -1), -0x1p-46f);
  EXPECT_EQ(arch::fma_rn(0x1p127f, 2, -0x1p127f), 0x1p127f);
  EXPECT_EQ(arch::absolute(-3), 3);
}

struct exact_form {
  float (*instruction)(float);
  double (*exact)(double);
  double (*largest)(double x, double exact);  // the documented error
};

double largest_of_a_sine(double x, double) {
  if (std::abs(x) <= 6.2831853) return std::exp2(-20.5);
  return std::abs(x) <= 314.159 ? std::exp2(-14.7) : 2;
}

const exact_form exact_forms[] = {
    {arch::ex2_approx, std::exp2, [](double, double y) { return 2 * arch::float_spacing(y); }},
    {arch::lg2_approx, std::log2,
     [](double x, double y) { return x > 0.5 && x < 2 ? 0x1p-22 : 0x1p-22 * std::abs(y); }},
    {arch::rcp_approx, [](double x) { return 1 / x; }, [](double, double y) { return arch::float_spacing(y); }},
    {arch::rsqrt_approx, [](double x) { return 1 / std::sqrt(x); },
     [](double, double y) { return std::exp2(-22.9) * y; }},
    {arch::sqrt_approx, std::sqrt, [](double, double y) { return 0x1p-23 * y; }},
    {arch::sin_approx, std::sin, largest_of_a_sine},
    {arch::cos_approx, std::cos, largest_of_a_sine},
    {arch::tanh_approx, std::tanh, [](double, double y) { return 0x1p-11 * std::abs(y); }},
};

bool usual(double v) { return std::abs(v) >= 0x1p-126 && std::abs(v) <= double(std::numeric_limits<float>::max()); }

TEST(instructions, are_correctly_rounded_and_as_wrong_as_asked_for) {
  const std::vector<float> inputs = spread_inputs(50000, 3);
  for (size_t i = 0; i < std::size(exact_forms); ++i) {
    const exact_form& f = exact_forms[i];
    double worst = 0;
    for (const float x : inputs) {
      const double exact = f.exact(x);
      if (!usual(exact) || !usual(x)) continue;
      EXPECT_EQ(f.instruction(x), float(exact)) << "instruction " << i << " of " << x;
      const wrong_instructions wrong(uint64_t{4});
      const double share = std::abs(f.instruction(x) - exact) / f.largest(x, exact);
      EXPECT_LE(share, 1) << "instruction " << i << " of " << x;
      worst = std::fmax(worst, share);
    }
    EXPECT_GT(worst, 0.8) << "instruction " << i;
  }
}

}  // namespace
}  // namespace gemmact::test

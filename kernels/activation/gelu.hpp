#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct gelu {
  static constexpr traits info{
      .formula = "x * 0.5 * (1 + erf(x / sqrt(2)))",
      .derivative = "cdf + x * pdf, cdf = 0.5 * (1 + erf(x / sqrt(2))), pdf = exp(-x^2 / 2) / sqrt(2 * pi)",
      .note =
          "The exact form. For x < 0 it is computed with erfc, since 1 + erf(x / sqrt(2)) cancels; gelu(-inf) = -0. "
          "The tanh form is gelu_tanh, another function (they differ by up to 4.8e-4).",
      .zero_at_zero = true,
      .special_functions = 2,
      .arithmetic = 28,
      .fast_arithmetic = 19,
      .accurate_ulps = 14.0f,
      .more_ulps = "2 * x^2",
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float exponent = -0.5f * x * x;
    const float scaled = 0.5f * math<mode>::erfcx(0.707106769f * math<mode>::abs(x));
    const float product = math<mode>::times_exp(x * scaled, math<mode>::split_exp(exponent));
    const float tail = exponent < -174.0f ? math<mode>::copysign(0.0f, x) : product;  // x cdf(-|x|)
    return x <= 0.0f ? tail : x - tail;
  }
  GEMMACT_FN float grad(float x) const {
    const float a = math<mode>::abs(x);
    const float inside = math<mode>::at_most(a, 20.0f);  // beyond, it is 0 and 1 exactly
    const float scaled = 0.5f * math<mode>::erfcx(0.707106769f * inside);
    const float bracket = math<mode>::fma(-0.398942292f, inside, scaled);
    const float tail = math<mode>::times_exp(bracket, math<mode>::split_exp(-0.5f * inside * inside));
    return x < 0.0f ? tail : 1.0f - tail;  // f'(-x) = 1 - f'(x)
  }
  double lipschitz() const { return 1.129; }
  double curvature() const { return 0.80; }
  double more_ulps(double x) const { return 2.0 * x * x; }
};

}  // namespace gemmact::activation

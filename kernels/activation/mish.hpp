#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct mish {
  static constexpr traits info{
      .formula = "x * tanh(softplus(x))",
      .derivative = "e * ((e + 2) * (n + 2) + 4 * x * (1 + e)) / (n + 2)^2, e = exp(x), n = e * (e + 2)",
      .note = "Computed as x * n / (n + 2), one exponential. mish(-inf) = -0. Not invertible: backward needs z.",
      .zero_at_zero = true,
      .special_functions = 2,
      .arithmetic = 15,
      .fast_arithmetic = 10,
      .accurate_ulps = 12.0f,
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  // From 20 on the function is x and its derivative 1, in f32; there e^x is held.
  GEMMACT_FN float operator()(float x) const {
    const auto parts = math<mode>::split_exp(math<mode>::at_most(x, 20.0f));
    const float e = math<mode>::value(parts);
    const float two_more = math<mode>::fma(e, e + 2.0f, 2.0f);
    const float product = math<mode>::times_exp(x, parts) * math<mode>::divide(e + 2.0f, two_more);
    const float tail = x < -174.0f ? math<mode>::copysign(0.0f, x) : product;
    return x > 20.0f ? x : tail;
  }
  GEMMACT_FN float grad(float x) const {
    const float c = math<mode>::at_most(x, 20.0f);
    const auto parts = math<mode>::split_exp(c);
    const float e = math<mode>::value(parts);
    const float two_more = math<mode>::fma(e, e + 2.0f, 2.0f);
    const float ratio = math<mode>::divide(math<mode>::fma(e + 2.0f, two_more, 4.0f * c * (1.0f + e)), two_more);
    const float inside = x < -174.0f ? 0.0f : math<mode>::divide(e * ratio, two_more);
    return e > 4.8e8f ? 1.0f : inside;
  }
  double lipschitz() const { return 1.0885; }
  double curvature() const { return 0.645; }
};

}  // namespace gemmact::activation

#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct gelu_tanh {
  static constexpr traits info{
      .formula = "0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))",
      .derivative =
          "sigmoid(t) * (1 + x * dt * sigmoid(-t)), t = 2 * sqrt(2 / pi) * (x + 0.044715 * x^3), "
          "dt = 2 * sqrt(2 / pi) * (1 + 0.134145 * x^2)",
      .note =
          "Computed as x * sigmoid(t), which keeps its relative accuracy for negative x, where 1 + tanh cancels; "
          "gelu_tanh(-inf) = -0.",
      .zero_at_zero = true,
      .special_functions = 2,
      .arithmetic = 15,
      .fast_special_functions = 1,
      .fast_arithmetic = 8,
      .accurate_ulps = 10.0f,
      .more_ulps = "12 * abs(sqrt(2 / pi) * (x + 0.044715 * x^3))",
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  static constexpr float linear_term = 1.59576917f, cubic_term = 0.0713548139f;  // of t
  GEMMACT_FN float operator()(float x) const {
    return math<mode>::times_sigmoid(x, x * math<mode>::fma(cubic_term, x * x, linear_term));
  }
  GEMMACT_FN float grad(float x) const {
    const float c = math<mode>::at_least(math<mode>::at_most(x, 15.0f), -15.0f);  // beyond, it is 0 and 1 exactly
    const float t = c * math<mode>::fma(cubic_term, c * c, linear_term);
    return math<mode>::gated_grad(t, c * math<mode>::fma(3.0f * cubic_term, c * c, linear_term));
  }
  double lipschitz() const { return 1.129; }
  double curvature() const { return 0.80; }
  double more_ulps(double x) const { return 12.0 * __builtin_fabs(0.79788456080286536 * (x + 0.044715 * x * x * x)); }
};

}  // namespace gemmact::activation

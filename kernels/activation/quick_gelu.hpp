#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct quick_gelu {
  static constexpr traits info{
      .formula = "x * sigmoid(1.702 * x)",
      .derivative = "sigmoid(1.702 * x) * (1 + 1.702 * x * sigmoid(-1.702 * x))",
      .note = "swish with beta fixed at 1.702; quick_gelu(-inf) = -0. Not invertible: backward needs z.",
      .zero_at_zero = true,
      .special_functions = 2,
      .arithmetic = 12,
      .fast_special_functions = 1,
      .fast_arithmetic = 5,
      .accurate_ulps = 10.0f,
      .more_ulps = "2 * abs(1.702 * x)",
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  GEMMACT_FN float operator()(float x) const { return math<mode>::times_sigmoid(x, 1.702f * x); }
  GEMMACT_FN float grad(float x) const {
    const float t = 1.702f * x;
    const float inside =
        math<mode>::at_least(math<mode>::at_most(t, 200.0f), -200.0f);  // beyond, it is 0 and 1 exactly
    return math<mode>::gated_grad(inside, inside);
  }
  double lipschitz() const { return 1.0999; }
  double curvature() const { return 0.852; }
  double more_ulps(double x) const { return 2.0 * __builtin_fabs(1.702 * x); }
};

}  // namespace gemmact::activation

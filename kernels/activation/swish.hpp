#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct swish {
  float beta = 1.0f;
  static constexpr traits info{
      .formula = "x * sigmoid(beta * x)",
      .derivative = "sigmoid(beta * x) * (1 + beta * x * sigmoid(-beta * x))",
      .aliases = "silu",
      .note =
          "beta = 1 is SiLU; beta <= 0 is allowed (0: x / 2). The limits are selected: for beta > 0, swish(-inf) = -0 "
          "and the derivative at -inf and +inf is 0 and 1. The form s + x exp(-x) / (1 + exp(-x))^2 of the derivative "
          "is wrong below -44.4 and not finite below -84.3. Not invertible: backward needs z.",
      .zero_at_zero = true,
      .special_functions = 2,
      .arithmetic = 16,
      .fast_special_functions = 1,
      .fast_arithmetic = 9,
      .accurate_ulps = 10.0f,
      .more_ulps = "beta == 1 ? 0 : 2 * abs(beta * x)",
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
      .param_count = 1,
      .params = {{.name = "beta", .default_value = 1.0f, .trainable = true}},
  };
  // beta * x, but 0 for beta = 0 and infinite x.
  GEMMACT_FN float scaled(float x) const {
    const float t = beta * x;
    return ((beta == 0.0f) & (x == x)) ? 0.0f : t;
  }
  GEMMACT_FN float operator()(float x) const { return math<mode>::times_sigmoid(x, scaled(x)); }
  GEMMACT_FN float grad(float x) const {
    const float t = scaled(x);
    const float inside =
        math<mode>::at_least(math<mode>::at_most(t, 200.0f), -200.0f);  // beyond, it is 0 and 1 exactly
    return math<mode>::gated_grad(inside, inside);
  }
  // (x sigmoid(t)) (x sigmoid(-t)), split because x^2 overflows from 1.8e19.
  GEMMACT_FN float param_grad(int, float x) const {
    const float t = scaled(x);
    const float p = math<mode>::times_sigmoid(x, t) * math<mode>::times_sigmoid(x, -t);
    return math<mode>::abs(t) > 174.0f ? 0.0f : p;
  }
  double lipschitz() const { return 1.0999; }
  double curvature() const { return 0.5 * (beta < 0.0f ? -double(beta) : double(beta)); }
  double more_ulps(double x) const { return beta == 1.0f ? 0.0 : 2.0 * __builtin_fabs(double(beta) * x); }
};

}  // namespace gemmact::activation

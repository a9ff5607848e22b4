#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct softsign {
  static constexpr traits info{
      .formula = "x / (1 + abs(x))",
      .derivative = "1 / (1 + abs(x))^2",
      .note =
          "The limits -1 and 1 are selected at infinity. (1 + abs(x))^2 overflows from 1.8e19: the derivative divides "
          "twice.",
      .zero_at_zero = true,
      .special_functions = 1,
      .arithmetic = 5,
      .accurate_ulps = 3.0f,
      .device_tolerance = 1e-6f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float a = math<mode>::abs(x);
    return a > 1e30f ? math<mode>::copysign(1.0f, x) : math<mode>::divide(x, 1.0f + a);
  }
  GEMMACT_FN float grad(float x) const {
    const float d = 1.0f + math<mode>::abs(x);
    return math<mode>::divide(math<mode>::divide(1.0f, d), d);
  }
  double lipschitz() const { return 1; }
  double curvature() const { return 2; }
};

}  // namespace gemmact::activation

#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct squared_relu {
  static constexpr traits info{
      .formula = "max(0, x)^2",
      .derivative = "2 * max(0, x)",
      .note = "Not Lipschitz: an error of x is multiplied by up to 2x.",
      .zero_at_zero = true,
      .arithmetic = 2,
      .accurate_ulps = 1.0f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float ramp = x < 0.0f ? 0.0f : x;
    return ramp * ramp;
  }
  GEMMACT_FN float grad(float x) const { return x < 0.0f ? 0.0f : 2.0f * x; }
  double lipschitz() const { return __builtin_inf(); }
  double curvature() const { return 2; }
};

}  // namespace gemmact::activation

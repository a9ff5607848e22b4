#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct selu {
  static constexpr traits info{
      .formula = "1.0507009873554805 * (x > 0 ? x : 1.6732632423543773 * expm1(x))",
      .derivative = "1.0507009873554805 * (x > 0 ? 1 : 1.6732632423543773 * exp(x))",
      .note =
          "The two constants make activations of mean 0 and variance 1 a fixed point. selu'(0) = 1.7581, the side of "
          "x < 0, is a convention (PyTorch agrees).",
      .zero_at_zero = true,
      .special_functions = 1,
      .arithmetic = 15,
      .fast_arithmetic = 6,
      .accurate_ulps = 5.0f,
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  static constexpr float above = 1.05070099f, below = 1.75809934f;  // 1.0507... and its product with 1.6732...
  GEMMACT_FN float operator()(float x) const {
    const float left = below * math<mode>::expm1_below(x);
    return x > 0.0f ? above * x : left;
  }
  GEMMACT_FN float grad(float x) const {
    const float left = below * math<mode>::exp(x);
    return x > 0.0f ? above : left;
  }
  double lipschitz() const { return 1.7581; }
  double curvature() const { return 1.7581; }
  points breakpoints() const { return {1, {0.0}}; }
};

}  // namespace gemmact::activation

#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct elu {
  float alpha = 1.0f;
  static constexpr traits info{
      .formula = "x > 0 ? x : alpha * expm1(x)",
      .derivative = "x > 0 ? 1 : alpha * exp(x)",
      .note =
          "elu'(0) = alpha, a convention where alpha is not 1 (PyTorch agrees). Not alpha * (exp(x) - 1), which "
          "cancels "
          "near 0.",
      .zero_at_zero = true,
      .special_functions = 1,
      .arithmetic = 15,
      .fast_arithmetic = 6,
      .accurate_ulps = 5.0f,
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
      .param_count = 1,
      .params = {{.name = "alpha", .default_value = 1.0f}},
  };
  GEMMACT_FN float operator()(float x) const {
    const float below = alpha * math<mode>::expm1_below(x);
    return x > 0.0f ? x : below;
  }
  GEMMACT_FN float grad(float x) const {
    const float below = alpha * math<mode>::exp(x);
    return x > 0.0f ? 1.0f : below;
  }
  double lipschitz() const { return curvature() > 1.0 ? curvature() : 1.0; }
  double curvature() const { return alpha < 0.0f ? -double(alpha) : double(alpha); }
  points breakpoints() const { return {1, {0.0}}; }
};

}  // namespace gemmact::activation

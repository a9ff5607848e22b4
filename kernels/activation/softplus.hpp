#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct softplus {
  static constexpr traits info{
      .formula = "log1p(exp(x))",
      .derivative = "sigmoid(x)",
      .note =
          "Computed as max(x, 0) + log1p(exp(-abs(x))); written as log(1 + exp(x)) it would be infinite above 88.7 and "
          "0 "
          "below -16.6.",
      .special_functions = 1,
      .arithmetic = 25,
      .fast_special_functions = 2,
      .fast_arithmetic = 4,
      .accurate_ulps = 6.0f,
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float ramp = x < 0.0f ? 0.0f : x;
    return ramp + math<mode>::log1p_unit(math<mode>::value(math<mode>::split_exp(-math<mode>::abs(x))));
  }
  GEMMACT_FN float grad(float x) const { return math<mode>::sigmoid(x); }
  double lipschitz() const { return 1; }
  double curvature() const { return 0.25; }
};

}  // namespace gemmact::activation

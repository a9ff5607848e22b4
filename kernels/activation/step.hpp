#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct step {
  static constexpr traits info{
      .formula = "x >= 0 ? 1 : 0",
      .derivative = "0",
      .note =
          "step(+0) = step(-0) = 1; NaN stays NaN. The gradient is exactly 0 everywhere, whatever dY is: nothing below "
          "a step is trained by it.",
      .keeps = needs::nothing,
      .arithmetic = 2,
  };
  GEMMACT_FN float operator()(float x) const {
    const float below = x < 0.0f ? 0.0f : x;  // NaN stays
    return x >= 0.0f ? 1.0f : below;
  }
  GEMMACT_FN float grad(float) const { return 0.0f; }
  double lipschitz() const { return __builtin_inf(); }
  double curvature() const { return 0; }
  points breakpoints() const { return {1, {0.0}}; }
};

}  // namespace gemmact::activation

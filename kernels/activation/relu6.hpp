#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct relu6 {
  static constexpr traits info{
      .formula = "clamp(x, 0, 6)",
      .derivative = "x <= 0 ? 0 : (x >= 6 ? 0 : 1)",
      .note = "The derivative is 0 at both ends (PyTorch agrees). NaN propagates and passes dY.",
      .keeps = needs::bit,
      .zero_at_zero = true,
      .arithmetic = 2,
      .accurate_ulps = 1.0f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float above = x > 6.0f ? 6.0f : x;
    return x < 0.0f ? 0.0f : above;
  }
  GEMMACT_FN float grad(float x) const { return grad_from_bit(bit(x)); }
  GEMMACT_FN bool bit(float x) const { return !((x <= 0.0f) | (x >= 6.0f)); }
  GEMMACT_FN float grad_from_bit(bool b) const { return b ? 1.0f : 0.0f; }
  double lipschitz() const { return 1; }
  double curvature() const { return 0; }
  points breakpoints() const { return {2, {0.0, 6.0}}; }
};

}  // namespace gemmact::activation

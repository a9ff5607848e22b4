#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct hardsigmoid {
  static constexpr traits info{
      .formula = "clamp(x + 3, 0, 6) / 6",
      .derivative = "x <= -3 ? 0 : (x >= 3 ? 0 : 1 / 6)",
      .aliases = "hard_sigmoid",
      .note = "The derivative is 0 at both ends (PyTorch agrees). NaN propagates and passes dY / 6.",
      .keeps = needs::bit,
      .arithmetic = 4,
      .accurate_ulps = 3.0f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float above = x >= 3.0f ? 1.0f : math<mode>::template divide_by<6>(x + 3.0f);
    return x <= -3.0f ? 0.0f : above;
  }
  GEMMACT_FN float grad(float x) const { return grad_from_bit(bit(x)); }
  GEMMACT_FN bool bit(float x) const { return !((x <= -3.0f) | (x >= 3.0f)); }
  GEMMACT_FN float grad_from_bit(bool b) const { return b ? 1.0f / 6.0f : 0.0f; }
  double lipschitz() const { return 1.0 / 6.0; }
  double curvature() const { return 0; }
  points breakpoints() const { return {2, {-3.0, 3.0}}; }
};

}  // namespace gemmact::activation

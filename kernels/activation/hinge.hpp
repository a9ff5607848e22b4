#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct hinge {
  float target;
  static constexpr traits info{
      .formula = "max(0, 1 - target * x)",
      .derivative = "target * x >= 1 ? 0 : -target",
      .note =
          "The head of a binary support vector machine; the targets, +1 or -1 a row, come from the TARGET tensor. NaN "
          "propagates and passes -target * dY.",
      .keeps = needs::bit,
      .arithmetic = 3,
      .accurate_ulps = 1.0f,
      .param_count = 1,
      .params = {{.name = "target", .operand = true}},
  };
  GEMMACT_FN float operator()(float x) const {
    const float margin = math<mode>::fma(-target, x, 1.0f);
    return margin < 0.0f ? 0.0f : margin;
  }
  GEMMACT_FN float grad(float x) const { return grad_from_bit(bit(x)); }
  GEMMACT_FN bool bit(float x) const { return !(target * x >= 1.0f); }
  GEMMACT_FN float grad_from_bit(bool b) const { return b ? -target : 0.0f; }
  double lipschitz() const { return 1; }
  double curvature() const { return 0; }
  points breakpoints() const { return {1, {1.0 / double(target)}}; }
};

}  // namespace gemmact::activation

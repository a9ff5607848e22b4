#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct prelu {
  float slope = 0.25f;
  static constexpr traits info{
      .formula = "x > 0 ? x : slope * x",
      .derivative = "x > 0 ? 1 : slope",
      .note =
          "leaky_relu with a learned slope: one for the layer or one a column. prelu'(0) = slope; dslope sums dY * x "
          "over x <= 0, so x = 0 contributes nothing.",
      .keeps = needs::bit,
      .zero_at_zero = true,
      .arithmetic = 2,
      .accurate_ulps = 1.0f,
      .param_count = 1,
      .params = {{.name = "slope", .default_value = 0.25f, .trainable = true}},
  };
  GEMMACT_FN float operator()(float x) const { return x > 0.0f ? x : slope * x; }
  GEMMACT_FN float grad(float x) const { return x > 0.0f ? 1.0f : slope; }
  GEMMACT_FN float grad_from_output(float y) const { return grad(y); }
  bool output_determines_grad() const { return slope >= 0.0f; }
  GEMMACT_FN bool bit(float x) const { return x > 0.0f; }
  GEMMACT_FN float grad_from_bit(bool b) const { return b ? 1.0f : slope; }
  GEMMACT_FN float param_grad(int, float x) const { return x > 0.0f ? 0.0f : x; }
  double lipschitz() const { return slope > 1.0f ? double(slope) : (slope < -1.0f ? -double(slope) : 1.0); }
  double curvature() const { return 0; }
  points breakpoints() const { return {1, {0.0}}; }
};

}  // namespace gemmact::activation

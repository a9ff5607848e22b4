#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct linear {
  float c = 1.0f;
  static constexpr traits info{
      .formula = "c * x",
      .derivative = "c",
      .note = "c = 1 is the identity. c may be 0 or negative; 0 times infinity is NaN, as IEEE 754 has it.",
      .keeps = needs::nothing,
      .zero_at_zero = true,
      .accurate_ulps = 1.0f,
      .param_count = 1,
      .params = {{.name = "c", .default_value = 1.0f, .trainable = true}},
  };
  GEMMACT_FN float operator()(float x) const { return c * x; }
  GEMMACT_FN float grad(float) const { return c; }
  GEMMACT_FN float param_grad(int, float x) const { return x; }
  double lipschitz() const { return c < 0.0f ? -double(c) : double(c); }
  double curvature() const { return 0; }
};

}  // namespace gemmact::activation

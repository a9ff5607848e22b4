#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct relu {
  static constexpr traits info{
      .formula = "max(0, x)",
      .derivative = "x <= 0 ? 0 : 1",
      .note =
          "relu'(0) = 0 is a convention (PyTorch, ONNX Runtime, oneDNN agree). NaN propagates and passes dY. "
          "a * relu(x) = relu(a * x) holds only for a >= 0.",
      .keeps = needs::bit,
      .zero_at_zero = true,
      .accurate_ulps = 1.0f,
  };
  GEMMACT_FN float operator()(float x) const { return x < 0.0f ? 0.0f : x; }
  GEMMACT_FN float grad(float x) const { return x <= 0.0f ? 0.0f : 1.0f; }
  GEMMACT_FN float grad_from_output(float y) const { return grad(y); }
  GEMMACT_FN bool bit(float x) const { return !(x <= 0.0f); }
  GEMMACT_FN float grad_from_bit(bool b) const { return b ? 1.0f : 0.0f; }
  double lipschitz() const { return 1; }
  double curvature() const { return 0; }
  points breakpoints() const { return {1, {0.0}}; }
};

}  // namespace gemmact::activation

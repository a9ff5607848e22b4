#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct sigmoid {
  static constexpr traits info{
      .formula = "1 / (1 + exp(-x))",
      .derivative = "sigmoid(x) * sigmoid(-x)",
      .note =
          "The derivative is s(1 - s), not s(1 + s), and lies in (0, 1/4], not in (0, 1). Written as s(1 - s) it would "
          "be 0 above x = 16.64; from a stored 16-bit output it is 0 from 8.32 (f16) and 6.24 (bf16): keep z where "
          "that matters. A chain of r sigmoid layers shrinks a gradient by 0.25^r when abs(w) <= 1 in every layer "
          "(not when the mean of abs(w) is 1).",
      .keeps = needs::output,
      .special_functions = 2,
      .arithmetic = 8,
      .fast_special_functions = 1,
      .fast_arithmetic = 2,
      .accurate_ulps = 8.0f,
      .fast_absolute = 0x1p-12f,
      .device_tolerance = 1e-6f,
  };
  GEMMACT_FN float operator()(float x) const { return math<mode>::sigmoid(x); }
  GEMMACT_FN float other(float x) const { return math<mode>::sigmoid(-x); }
  GEMMACT_FN float grad(float x) const { return math<mode>::times_sigmoid_grad(1.0f, x); }
  GEMMACT_FN float grad_from_output(float y) const { return y * (1.0f - y); }
  double lipschitz() const { return 0.25; }
  double curvature() const { return 0.0963; }
};

}  // namespace gemmact::activation

#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct tanh {
  static constexpr traits info{
      .formula = "tanh(x)",
      .derivative = "4 * e / (1 + e)^2, e = exp(-2 * abs(x))",
      .note =
          "Not computed as 2 / (1 + exp(-2x)) - 1, whose relative error is above 1 near 0, nor as a quotient of "
          "exponentials, which is NaN beyond 88.7. The derivative as 1 - t^2 would be 0 beyond 9.01; from a stored "
          "16-bit output it is 0 from abs(x) = 4.51 (f16) and 3.47 (bf16): keep z where that matters.",
      .keeps = needs::output,
      .zero_at_zero = true,
      .special_functions = 2,
      .arithmetic = 15,
      .fast_special_functions = 1,
      .fast_arithmetic = 0,
      .accurate_ulps = 6.0f,
      .fast_relative = 0x1p-11f,
      .device_tolerance = 1e-6f,
  };
  GEMMACT_FN float operator()(float x) const { return math<mode>::tanh(x); }
  GEMMACT_FN float grad(float x) const { return math<mode>::times_sigmoid_grad(4.0f, 2.0f * x); }
  GEMMACT_FN float grad_from_output(float y) const { return (1.0f - y) * (1.0f + y); }
  double lipschitz() const { return 1; }
  double curvature() const { return 0.7699; }
};

}  // namespace gemmact::activation

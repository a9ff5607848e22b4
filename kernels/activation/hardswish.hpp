#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct hardswish {
  static constexpr traits info{
      .formula = "x * clamp(x + 3, 0, 6) / 6",
      .derivative = "x <= -3 ? 0 : (x >= 3 ? 1 : x / 3 + 0.5)",
      .aliases = "hard_swish",
      .note =
          "The derivative jumps at -3 (to 0) and at 3 (to 1), where it takes the outer value. hardswish(-inf) = -0.",
      .zero_at_zero = true,
      .arithmetic = 5,
      .accurate_ulps = 4.0f,
  };
  GEMMACT_FN float operator()(float x) const {
    const float inside = math<mode>::template divide_by<6>(x * (x + 3.0f));
    const float above = x >= 3.0f ? x : inside;
    return x <= -3.0f ? -0.0f : above;
  }
  GEMMACT_FN float grad(float x) const {
    const float inside = math<mode>::template divide_by<3>(x) + 0.5f;
    const float above = x >= 3.0f ? 1.0f : inside;
    return x <= -3.0f ? 0.0f : above;
  }
  double lipschitz() const { return 1.5; }
  double curvature() const { return 1.0 / 3.0; }
  points breakpoints() const { return {2, {-3.0, 3.0}}; }
};

}  // namespace gemmact::activation

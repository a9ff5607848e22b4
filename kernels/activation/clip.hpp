#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::activation {

template <accuracy mode>
struct clip {
  float lo = -1.0f, hi = 1.0f;
  static constexpr traits info{
      .formula = "clamp(x, lo, hi)",
      .derivative = "x <= lo ? 0 : (x >= hi ? 0 : 1)",
      .aliases = "hardtanh",
      .note =
          "The derivative is 0 at both ends (as PyTorch's hardtanh; its clamp passes there). NaN propagates and passes "
          "dY.",
      .keeps = needs::bit,
      .arithmetic = 2,
      .accurate_ulps = 1.0f,
      .param_count = 2,
      .params = {{.name = "lo", .default_value = -1.0f}, {.name = "hi", .default_value = 1.0f}},
  };
  GEMMACT_FN float operator()(float x) const {
    const float above = x > hi ? hi : x;
    return x < lo ? lo : above;
  }
  GEMMACT_FN float grad(float x) const { return grad_from_bit(bit(x)); }
  GEMMACT_FN bool bit(float x) const { return !((x <= lo) | (x >= hi)); }
  GEMMACT_FN float grad_from_bit(bool b) const { return b ? 1.0f : 0.0f; }
  const char* invalid() const { return lo <= hi ? nullptr : "lo must not be above hi"; }
  double lipschitz() const { return 1; }
  double curvature() const { return 0; }
  points breakpoints() const { return {2, {double(lo), double(hi)}}; }
};

}  // namespace gemmact::activation

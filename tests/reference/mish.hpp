#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct mish {
  static double value(double x, const double*) {
    const double t = std::tanh(std::log1p(std::exp(x)));
    return t == 0 ? std::copysign(0.0, x) : x * t;
  }
  static double grad(double x, const double*) {
    if (std::abs(x) > 500) return x > 0 ? 1 : 0;
    const double t = std::tanh(std::log1p(std::exp(x)));
    return t + x * (1 - t * t) * logistic(x);
  }
  static double value_ulps(double, const double*) { return 12; }
  static double grad_scale(double x, const double*) {
    if (std::abs(x) > 500) return 0;
    const double t = std::tanh(std::log1p(std::exp(x)));
    return 12 * (t + std::abs(x) * (1 - t * t) * logistic(x));
  }
  static double lipschitz(const double*) { return 1.0885; }
  static double curvature(const double*) { return 0.645; }
};

}  // namespace gemmact::reference

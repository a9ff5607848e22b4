#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct gelu_tanh {
  // The argument of tanh, and the derivative of twice that.
  static double inner(double x) { return std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x); }
  static double slope(double x) { return 2 * std::sqrt(2 / std::acos(-1.0)) * (1 + 3 * 0.044715 * x * x); }
  static double value(double x, const double*) { return times_logistic(x, 2 * inner(x)); }
  static double grad(double x, const double*) {
    if (std::abs(x) > 100) return std::isnan(x) ? x : (x > 0 ? 1 : 0);
    const double t = 2 * inner(x);
    return logistic(t) * (1 + x * slope(x) * logistic(-t));
  }
  static double value_ulps(double x, const double*) { return 10 + 12 * std::abs(inner(x)); }
  static double grad_scale(double x, const double*) {
    if (std::abs(x) > 15) return 0;
    const double t = 2 * inner(x);
    return (10 + 12 * std::abs(inner(x))) * logistic(t) * (1 + std::abs(x * slope(x)) * logistic(-t));
  }
  static double lipschitz(const double*) { return 1.129; }
  static double curvature(const double*) { return 0.80; }
};

}  // namespace gemmact::reference

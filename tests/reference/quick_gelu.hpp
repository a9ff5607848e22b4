#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct quick_gelu {
  static double value(double x, const double*) { return times_logistic(x, 1.702 * x); }
  static double grad(double x, const double*) {
    const double t = 1.702 * x;
    return logistic(t) * (1 + (std::isinf(t) ? 0 : t * logistic(-t)));
  }
  static double value_ulps(double x, const double*) { return 10 + 2 * std::abs(1.702 * x); }
  static double grad_scale(double x, const double*) {
    const double t = 1.702 * std::abs(x);
    if (t > 200) return 0;
    return (8 + 2 * t) * (logistic(1.702 * x) + t * logistic(t) * logistic(-t));
  }
  static double lipschitz(const double*) { return 1.0999; }
  static double curvature(const double*) { return 0.852; }
};

}  // namespace gemmact::reference

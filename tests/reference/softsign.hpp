#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct softsign {
  static double value(double x, const double*) { return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::abs(x)); }
  static double grad(double x, const double*) {
    const double d = 1 + std::abs(x);
    return 1 / (d * d);
  }
  static double value_ulps(double, const double*) { return 3; }
  static double grad_scale(double x, const double* p) { return 4 * grad(x, p); }
  static double lipschitz(const double*) { return 1; }
  static double curvature(const double*) { return 2; }
};

}  // namespace gemmact::reference

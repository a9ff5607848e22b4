#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct softplus {
  static double value(double x, const double*) { return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::abs(x))); }
  static double grad(double x, const double*) { return logistic(x); }
  static double value_ulps(double, const double*) { return 6; }
  static double grad_scale(double x, const double* p) { return 8 * grad(x, p); }
  static double lipschitz(const double*) { return 1; }
  static double curvature(const double*) { return 0.25; }
};

}  // namespace gemmact::reference

#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct sigmoid {
  static double value(double x, const double*) { return logistic(x); }
  static double grad(double x, const double*) { return logistic(x) * logistic(-x); }
  static double grad_from_output(double y, const double*) { return y * (1 - y); }
  static double other(double x, const double*) { return logistic(-x); }
  static double value_ulps(double, const double*) { return 8; }
  static double grad_scale(double x, const double* p) { return 10 * grad(x, p); }
  static double lipschitz(const double*) { return 0.25; }
  static double curvature(const double*) { return 0.0963; }
};

}  // namespace gemmact::reference

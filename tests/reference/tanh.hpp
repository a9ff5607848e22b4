#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct tanh {
  static double value(double x, const double*) { return std::tanh(x); }
  static double grad(double x, const double*) {
    const double c = std::cosh(x);
    return 1 / (c * c);
  }
  static double grad_from_output(double y, const double*) { return 1 - y * y; }
  static double value_ulps(double, const double*) { return 6; }
  static double grad_scale(double x, const double* p) { return 10 * grad(x, p); }
  static double lipschitz(const double*) { return 1; }
  static double curvature(const double*) { return 0.7699; }
};

}  // namespace gemmact::reference

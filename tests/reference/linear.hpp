#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct linear {
  static double value(double x, const double* p) { return p[0] * x; }
  static double grad(double, const double* p) { return p[0]; }
  static double param_grad(int, double x, const double*) { return x; }
  static double value_ulps(double, const double*) { return 1; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double* p) { return std::abs(p[0]); }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct clip {
  static double value(double x, const double* p) { return x < p[0] ? p[0] : (x > p[1] ? p[1] : x); }
  static double grad(double x, const double* p) { return x <= p[0] || x >= p[1] ? 0 : 1; }
  static bool bit(double x, const double* p) { return !(x <= p[0] || x >= p[1]); }
  static double grad_from_bit(bool b, const double*) { return b ? 1 : 0; }
  static double value_ulps(double, const double*) { return 1; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double*) { return 1; }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

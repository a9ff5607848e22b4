#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct hardsigmoid {
  static double value(double x, const double*) { return x <= -3 ? 0 : (x >= 3 ? 1 : (x + 3) / 6); }
  static double grad(double x, const double*) { return x <= -3 || x >= 3 ? 0 : 1.0 / 6; }
  static bool bit(double x, const double*) { return !(x <= -3 || x >= 3); }
  static double grad_from_bit(bool b, const double*) { return b ? 1.0 / 6 : 0; }
  static double value_ulps(double, const double*) { return 3; }
  static double grad_scale(double x, const double* p) { return 1 * grad(x, p); }
  static double lipschitz(const double*) { return 1.0 / 6; }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct relu6 {
  static double value(double x, const double*) { return x < 0 ? 0 : (x > 6 ? 6 : x); }
  static double grad(double x, const double*) { return x <= 0 || x >= 6 ? 0 : 1; }
  static bool bit(double x, const double*) { return !(x <= 0 || x >= 6); }
  static double grad_from_bit(bool b, const double*) { return b ? 1 : 0; }
  static double value_ulps(double, const double*) { return 1; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double*) { return 1; }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

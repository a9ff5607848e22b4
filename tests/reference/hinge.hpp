#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct hinge {
  static double value(double x, const double* p) {
    const double margin = 1 - p[0] * x;
    return margin < 0 ? 0 : margin;
  }
  static double grad(double x, const double* p) { return !(p[0] * x >= 1) ? -p[0] : 0; }
  static bool bit(double x, const double* p) { return !(p[0] * x >= 1); }
  static double grad_from_bit(bool b, const double* p) { return b ? -p[0] : 0; }
  static double value_ulps(double, const double*) { return 1; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double*) { return 1; }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

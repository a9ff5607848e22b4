#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct squared_relu {
  static double value(double x, const double*) {
    const double ramp = x < 0 ? 0 : x;
    return ramp * ramp;
  }
  static double grad(double x, const double*) { return x < 0 ? 0 : 2 * x; }
  static double value_ulps(double, const double*) { return 1; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double*) { return infinity; }
  static double curvature(const double*) { return 2; }
};

}  // namespace gemmact::reference

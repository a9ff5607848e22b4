#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct hardswish {
  static double value(double x, const double*) { return x <= -3 ? -0.0 : (x >= 3 ? x : x * (x + 3) / 6); }
  static double grad(double x, const double*) { return x <= -3 ? 0 : (x >= 3 ? 1 : x / 3 + 0.5); }
  static double value_ulps(double, const double*) { return 4; }
  static double grad_scale(double x, const double*) { return x <= -3 || x >= 3 ? 0 : 4 * (std::abs(x) / 3 + 0.5); }
  static double lipschitz(const double*) { return 1.5; }
  static double curvature(const double*) { return 1.0 / 3; }
};

}  // namespace gemmact::reference

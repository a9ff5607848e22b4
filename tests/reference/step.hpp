#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct step {
  static double value(double x, const double*) { return std::isnan(x) ? x : (x >= 0 ? 1 : 0); }
  static double grad(double, const double*) { return 0; }
  static double value_ulps(double, const double*) { return 0; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double*) { return infinity; }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

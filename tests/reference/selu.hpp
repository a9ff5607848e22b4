#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct selu {
  static constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
  static double value(double x, const double*) { return scale * (x > 0 ? x : alpha * std::expm1(x)); }
  static double grad(double x, const double*) { return scale * (x > 0 ? 1 : alpha * std::exp(x)); }
  static double value_ulps(double, const double*) { return 5; }
  static double grad_scale(double x, const double* p) { return 5 * grad(x, p); }
  static double lipschitz(const double*) { return 1.7581; }
  static double curvature(const double*) { return 1.7581; }
};

}  // namespace gemmact::reference

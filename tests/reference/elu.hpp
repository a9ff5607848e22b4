#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct elu {
  static double value(double x, const double* p) { return x > 0 ? x : p[0] * std::expm1(x); }
  static double grad(double x, const double* p) { return x > 0 ? 1 : p[0] * std::exp(x); }
  static double value_ulps(double, const double*) { return 5; }
  static double grad_scale(double x, const double* p) { return x > 0 ? 0 : 5 * std::abs(grad(x, p)); }
  static double lipschitz(const double* p) { return std::fmax(1, std::abs(p[0])); }
  static double curvature(const double* p) { return std::abs(p[0]); }
};

}  // namespace gemmact::reference

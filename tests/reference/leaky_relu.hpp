#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct leaky_relu {
  static double value(double x, const double* p) { return x > 0 ? x : p[0] * x; }
  static double grad(double x, const double* p) { return x > 0 ? 1 : p[0]; }
  static double grad_from_output(double y, const double* p) { return y > 0 ? 1 : p[0]; }
  static bool bit(double x, const double*) { return x > 0; }
  static double grad_from_bit(bool b, const double* p) { return b ? 1 : p[0]; }
  static double value_ulps(double, const double*) { return 1; }
  static double grad_scale(double, const double*) { return 0; }
  static double lipschitz(const double* p) { return std::fmax(1, std::abs(p[0])); }
  static double curvature(const double*) { return 0; }
};

}  // namespace gemmact::reference

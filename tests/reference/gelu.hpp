#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct gelu {
  static double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::acos(-1.0)); }
  static double value(double x, const double*) {
    const double cdf = 0.5 * std::erfc(-x * std::sqrt(0.5));
    return cdf == 0 ? std::copysign(0.0, x) : x * cdf;
  }
  static double grad(double x, const double*) {
    if (std::isinf(x)) return x > 0 ? 1 : 0;
    return 0.5 * std::erfc(-x * std::sqrt(0.5)) + x * density(x);
  }
  static double value_ulps(double x, const double*) { return 14 + 2 * x * x; }
  static double grad_scale(double x, const double*) {
    if (std::abs(x) > 20) return 0;
    return (14 + 2 * x * x) * (0.5 * std::erfc(-x * std::sqrt(0.5)) + std::abs(x) * density(x));
  }
  static double lipschitz(const double*) { return 1.129; }
  static double curvature(const double*) { return 0.80; }
};

}  // namespace gemmact::reference

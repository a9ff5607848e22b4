#pragma once
#include "tests/reference/reference.hpp"

namespace gemmact::reference {

struct swish {
  // beta * x, 0 where beta is 0.
  static double scaled(double x, double beta) { return beta == 0 && !std::isnan(x) ? 0 : beta * x; }
  static double value(double x, const double* p) { return times_logistic(x, scaled(x, p[0])); }
  static double grad(double x, const double* p) {
    const double t = scaled(x, p[0]);
    return logistic(t) * (1 + (std::isinf(t) ? 0 : t * logistic(-t)));
  }
  static double param_grad(int, double x, const double* p) {
    const double t = scaled(x, p[0]);
    return std::isinf(t) ? 0 : times_logistic(x, t) * times_logistic(x, -t);
  }
  static double value_ulps(double x, const double* p) { return 10 + (p[0] == 1 ? 0 : 2 * std::abs(scaled(x, p[0]))); }
  static double grad_scale(double x, const double* p) {
    const double t = std::abs(scaled(x, p[0]));
    if (t > 200) return 0;
    return (8 + t) * (logistic(scaled(x, p[0])) + t * logistic(t) * logistic(-t));
  }
  static double lipschitz(const double*) { return 1.0999; }
  static double curvature(const double* p) { return 0.5 * std::abs(p[0]); }
};

}  // namespace gemmact::reference

#include "host/equation/real.hpp"

#include <cmath>
#include <limits>

namespace gemmact::equation {

using core::op;

double function_of(op operation, double a) {
  switch (operation) {
    case op::negate:
      return -a;
    case op::abs:
      return std::abs(a);
    case op::sign:
      return a > 0 ? 1 : a < 0 ? -1 : a;
    case op::exp:
      return std::exp(a);
    case op::expm1:
      return std::expm1(a);
    case op::log:
      return std::log(a);
    case op::log1p:
      return std::log1p(a);
    case op::sqrt:
      return std::sqrt(a);
    case op::rsqrt:
      return 1 / std::sqrt(a);
    case op::sin:
      return std::sin(a);
    case op::cos:
      return std::cos(a);
    case op::tan:
      return std::tan(a);
    case op::atan:
      return std::atan(a);
    case op::sinh:
      return std::sinh(a);
    case op::cosh:
      return std::cosh(a);
    case op::asinh:
      return std::asinh(a);
    case op::erf:
      return std::erf(a);
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

bool holds(op operation, double a, double b) {
  switch (operation) {
    case op::less:
      return a < b;
    case op::at_most:
      return a <= b;
    case op::greater:
      return a > b;
    case op::at_least:
      return a >= b;
    case op::equal:
      return a == b;
    case op::unequal:
      return a != b;
    case op::both:
      return a != 0 && b != 0;
    case op::either:
      return a != 0 || b != 0;
    default:  // deny
      return a == 0;
  }
}

}  // namespace gemmact::equation

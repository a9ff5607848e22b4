#include <cmath>

#include "host/equation/real.hpp"
#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

double fold_arithmetic(op operation, double a, double b) {
  switch (operation) {
    case op::add:
      return a + b;
    case op::subtract:
      return a - b;
    case op::multiply:
      return a * b;
    case op::divide:
      return a / b;
    case op::power:
      return std::pow(a, b);
    case op::min:
      return (a < b || std::isnan(a)) ? a : b;
    case op::max:
      return (a > b || std::isnan(a)) ? a : b;
    default:
      return holds(operation, a, b);
  }
}

}  // namespace

double fold(op operation, std::span<const double> v) {
  if (operation == op::deny) return holds(operation, v[0], 0);
  if (operation == op::choose) return v[0] != 0 ? v[1] : v[2];
  if (operation == op::clamp) return v[0] < v[1] ? v[1] : v[0] > v[2] ? v[2] : v[0];
  return v.size() == 2 ? fold_arithmetic(operation, v[0], v[1]) : function_of(operation, v[0]);
}

}  // namespace gemmact::equation

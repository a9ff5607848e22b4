// Numbers with a slope, and with a slope of the slope: arithmetic and functions on them, as on double.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "host/equation/real.hpp"

namespace gemmact::equation::dual_numbers {

using core::op;

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A number and its slope, itself perhaps a number with a slope. What is constant has slope 0 beside infinity, too.
template <class T>
struct dual {
  T value{}, slope{};
  bool constant = true;

  dual() = default;
  dual(double v) : value(v), slope(0.0) {}
  dual(const T& v, const T& s, bool c) : value(v), slope(s), constant(c) {}
};

inline double real(double v) { return v; }
template <class T>
double real(const dual<T>& v) {
  return real(v.value);
}

template <class T>
dual<T> scaled(const dual<T>& d, const T& by) {
  return d.constant ? dual<T>(0.0) : dual<T>(T(0.0), d.slope * by, false);
}
template <class T>
dual<T> joined(const T& value, const dual<T>& a, const dual<T>& b) {
  return {value, a.slope + b.slope, a.constant && b.constant};
}
template <class T>
dual<T> operator+(const dual<T>& a, const dual<T>& b) {
  return joined<T>(a.value + b.value, a, b);
}
template <class T>
dual<T> operator-(const dual<T>& a, const dual<T>& b) {
  return joined<T>(a.value - b.value, a, scaled<T>(b, T(-1.0)));
}
template <class T>
dual<T> operator*(const dual<T>& a, const dual<T>& b) {
  return joined<T>(a.value * b.value, scaled<T>(a, b.value), scaled<T>(b, a.value));
}
template <class T>
dual<T> operator/(const dual<T>& a, const dual<T>& b) {
  const T quotient = a.value / b.value, inverse = T(1.0) / b.value;
  return joined<T>(quotient, scaled<T>(a, inverse), scaled<T>(scaled<T>(b, inverse), T(0.0) - quotient));
}

// The functions of one argument, and those of the catalogue that are known without a formula.
enum class special { none, sigmoid, tanh, softplus };

inline double sigmoid(double a) { return a >= 0 ? 1 / (1 + std::exp(-a)) : std::exp(a) / (1 + std::exp(a)); }

inline double function(special s, double a) {
  if (s == special::sigmoid) return sigmoid(a);
  if (s == special::tanh) return std::tanh(a);
  return std::isnan(a) ? a : std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a)));
}

inline double function(op operation, double a) { return function_of(operation, a); }

template <class T>
T slope_of(special s, const T& a) {
  const T negative = T(0.0) - a;
  if (s == special::softplus) return function(special::sigmoid, a);
  if (s == special::sigmoid) return function(s, a) * function(s, negative);
  return T(4.0) * function(special::sigmoid, a + a) * function(special::sigmoid, negative + negative);
}

// Of a, where the function is f.
template <class T>
T slope_of(op operation, const T& a, const T& f) {
  const T one(1.0);
  switch (operation) {
    case op::negate:
      return T(-1.0);
    case op::abs:
      return function(op::sign, a);
    case op::exp:
      return f;
    case op::expm1:
      return function(op::exp, a);
    case op::log:
      return one / a;
    case op::log1p:
      return one / (one + a);
    case op::sqrt:
      return T(0.5) / f;
    case op::rsqrt:
      return T(-0.5) * f / a;
    case op::sin:
      return function(op::cos, a);
    case op::cos:
      return T(0.0) - function(op::sin, a);
    case op::tan:
      return one + f * f;
    case op::atan:
      return one / (one + a * a);
    case op::sinh:
      return function(op::cosh, a);
    case op::cosh:
      return function(op::sinh, a);
    case op::asinh:
      return function(op::rsqrt, one + a * a);
    case op::erf:
      return T(2 * std::numbers::inv_sqrtpi) * function(op::exp, T(0.0) - a * a);
    default:
      return T(nan);
  }
}

template <class T>
dual<T> function(special s, const dual<T>& a) {
  const dual<T> d = scaled<T>(a, slope_of<T>(s, a.value));
  return {function(s, a.value), d.slope, d.constant};
}

template <class T>
dual<T> function(op operation, const dual<T>& a) {
  const T f = function(operation, a.value);
  if (operation == op::sign || (operation == op::abs && real(a) == 0)) return {f, T(0.0), true};
  const dual<T> d = scaled<T>(a, slope_of<T>(operation, a.value, f));
  return {f, d.slope, d.constant};
}

inline double power(double a, double b) { return std::abs(b) == 0.5 && a < 0 ? nan : std::pow(a, b); }

template <class T>
dual<T> power(const dual<T>& a, const dual<T>& b) {
  const T f = power(a.value, b.value);
  const dual<T> by_base = a.constant ? a : scaled<T>(a, b.value * power(a.value, b.value - T(1.0)));
  const bool still = b.constant || (real(a) == 0 && real(b) > 0);
  const dual<T> by_exponent = still ? dual<T>(0.0) : scaled<T>(b, f * function(op::log, a.value));
  return joined<T>(f, dual<T>(T(0.0), by_base.constant ? T(0.0) : by_base.slope, by_base.constant), by_exponent);
}

}  // namespace gemmact::equation::dual_numbers

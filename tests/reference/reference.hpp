// Independent double-precision references of the catalogue: one file a function in this folder, written from the formula
// with <cmath> alone (nothing of kernels/), checked against MPFR (formula_test). Conventions at NaN, +-0, infinities and
// breakpoints are part of the reference.
//
//   struct <name> {
//     static double value(double x, const double* p);   // p: the parameters' values
//     static double grad(double x, const double* p);
//     static double value_ulps(double x, const double* p);  // c_f: the f32 value may be off by c_f * 2^-24 * |f|
//     static double grad_scale(double x, const double* p);  // the f32 derivative may be off by 2^-24 times this
//     static double lipschitz(const double* p);             // sup |f'|, infinity where there is none
//     static double curvature(const double* p);             // sup |f''| between breakpoints
//     // where they exist
//     static double param_grad(int i, double x, const double* p);
//     static double grad_from_output(double y, const double* p);
//     static double other(double x, const double* p);
//     static bool bit(double x, const double* p);
//     static double grad_from_bit(bool bit, const double* p);
//   };
#pragma once
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

namespace gemmact::reference {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline double logistic(double x) { return 1 / (1 + std::exp(-x)); }
// m * logistic(t), a zero of m's sign where logistic(t) is 0.
inline double times_logistic(double m, double t) {
  const double s = logistic(t);
  return s == 0 ? std::copysign(0.0, m) : m * s;
}

// A function's references; null where the function has no such thing.
struct row {
  std::string_view name;
  bool own_file;  // false: the activation's own `reference`, with its derivative taken numerically
  double (*value)(double x, const double* p);
  double (*grad)(double x, const double* p);
  double (*value_ulps)(double x, const double* p);
  double (*grad_scale)(double x, const double* p);
  double (*lipschitz)(const double* p);
  double (*curvature)(const double* p);
  double (*param_grad)(int i, double x, const double* p) = nullptr;
  double (*grad_from_output)(double y, const double* p) = nullptr;
  double (*other)(double x, const double* p) = nullptr;
  bool (*bit)(double x, const double* p) = nullptr;
  double (*grad_from_bit)(bool bit, const double* p) = nullptr;
};

// Every function of the catalogue that has a reference, in the catalogue's order.
std::span<const row> rows();
const row* find(std::string_view name);

}  // namespace gemmact::reference

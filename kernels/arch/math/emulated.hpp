// The instructions of device.cuh on the CPU: correctly rounded, with the documented flushing (ftz: subnormal operands and
// results are zeros of their sign) and special values; every NaN that comes out is the canonical one. A GPU's results may
// differ by the documented errors, which a test can add here.
#pragma once
#include <cmath>

#include "kernels/base/config.hpp"

namespace gemmact::arch {

enum class special : u8 { ex2, lg2, rcp, rsqrt, sqrt, sin, cos, tanh };
inline constexpr int special_count = 8;

// Where a test sets it: the error of an instruction at x, as a share in [-1, 1] of the largest documented one.
inline double (*special_error)(special which, float x) = nullptr;

inline constexpr float canonical_nan = __builtin_bit_cast(float, 0x7fffffffu);
inline constexpr double smallest_normal = 0x1p-126;

GEMMACT_FN float flushed(float x) { return std::fabs(x) < float(smallest_normal) ? std::copysign(0.0f, x) : x; }

// The spacing of f32 at x.
inline double float_spacing(double x) { return std::ldexp(1.0, std::ilogb(x) - 23); }

// The f32 that an instruction with this exact result answers; `largest` is its documented error, rounding included.
inline float answer(special which, float x, double exact, double largest) {
  if (special_error == nullptr) return float(exact);
  const float y = float(exact + special_error(which, x) * largest);
  return std::fabs(double(y) - exact) > largest ? std::nextafter(y, float(exact)) : y;
}

// 2 ulp.
inline float ex2_approx(float x) {
  if (std::isnan(x)) return canonical_nan;
  const double exact = std::exp2(double(flushed(x)));
  if (exact < smallest_normal) return 0.0f;
  if (std::isinf(exact)) return float(exact);
  return answer(special::ex2, x, exact, 2 * float_spacing(exact));
}

// 2^-22: absolute for x in (0.5, 2), relative elsewhere.
inline float lg2_approx(float x) {
  const float operand = flushed(x);
  if (std::isnan(x) || operand < 0.0f) return canonical_nan;
  const double exact = std::log2(double(operand));
  if (std::isinf(exact)) return float(exact);
  const bool near_one = x > 0.5f && x < 2.0f;
  return answer(special::lg2, x, exact, near_one ? 0x1p-22 : 0x1p-22 * std::fabs(exact));
}

// 1 ulp.
inline float rcp_approx(float x) {
  if (std::isnan(x)) return canonical_nan;
  const double exact = 1.0 / double(flushed(x));
  if (std::isinf(exact) || std::fabs(exact) < smallest_normal) return flushed(float(exact));
  return answer(special::rcp, x, exact, float_spacing(exact));
}

// 2^-22.9 relative.
inline float rsqrt_approx(float x) {
  const float operand = flushed(x);
  if (std::isnan(x) || operand < 0.0f) return canonical_nan;
  if (operand == 0.0f) return float(1.0 / double(operand));
  const double exact = 1.0 / std::sqrt(double(operand));
  return exact == 0 ? 0.0f : answer(special::rsqrt, x, exact, std::exp2(-22.9) * exact);
}

// 2^-23 relative.
inline float sqrt_approx(float x) {
  const float operand = flushed(x);
  if (std::isnan(x) || operand < 0.0f) return canonical_nan;
  const double exact = std::sqrt(double(operand));
  if (operand == 0.0f || std::isinf(operand)) return operand;
  return answer(special::sqrt, x, exact, 0x1p-23 * exact);
}

// sin and cos: 2^-20.5 absolute to 2 pi, 2^-14.7 to 100 pi (beyond, nothing is documented: 2 here), and never beyond 1.
inline float turning(special which, float x, double exact) {
  const double size = std::fabs(double(x)), turn = 8 * std::atan(1.0);
  const double largest = size <= turn ? std::exp2(-20.5) : size <= 50 * turn ? std::exp2(-14.7) : 2.0;
  return std::fmax(-1.0f, std::fmin(1.0f, answer(which, x, exact, largest)));
}
inline float sin_approx(float x) {
  if (std::isnan(x) || std::isinf(x)) return canonical_nan;
  const float operand = flushed(x);
  return operand == 0.0f ? operand : turning(special::sin, x, std::sin(double(operand)));
}
inline float cos_approx(float x) {
  if (std::isnan(x) || std::isinf(x)) return canonical_nan;
  const float operand = flushed(x);
  return operand == 0.0f ? 1.0f : turning(special::cos, x, std::cos(double(operand)));
}

// 2^-11 relative, and never beyond 1. Subnormals are themselves.
inline float tanh_approx(float x) {
  if (std::isnan(x)) return canonical_nan;
  const double exact = std::tanh(double(x));
  if (x == 0.0f || std::isinf(x)) return float(exact);
  return std::fmax(-1.0f, std::fmin(1.0f, answer(special::tanh, x, exact, 0x1p-11 * std::fabs(exact))));
}

inline float min_nan(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return canonical_nan;
  return a < b || (a == b && std::signbit(a)) ? a : b;
}
inline float max_nan(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return canonical_nan;
  return a > b || (a == b && !std::signbit(a)) ? a : b;
}

inline float fma_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float absolute(float x) { return std::fabs(x); }

}  // namespace gemmact::arch

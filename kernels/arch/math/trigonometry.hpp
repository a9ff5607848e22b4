// sin, cos, tan and atan, the same on every side: a part of arch/math, as formulas.hpp is.
//
// x = n pi/2 + r, with pi/2 in parts so short that their products with n are exact for |x| <= 65536 (f16's range), fused or
// not. The bounds beside the functions (the CPU's, in u; a GPU's are in gpu.hpp) hold there; 2^-53 |x|, fast 2^-44 |x|, is
// what pi/2 lacks, seen where the result is near 0. Beyond, the absolute error of sin and cos grows to |x| 2^-21, still
// within [-1, 1]; tan is that of an argument as much off. Infinity gives NaN.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <accuracy mode, class Side>
struct trigonometry {
  static constexpr bool fast = mode == accuracy::fast;

  // 3.5 u + 2^-53 |x|; fast 2^-14. Its sign of zero is x's.
  static GEMMACT_FN float sin(float x) { return sine(x, 0); }
  // 3.5 u + 2^-53 |x|; fast 2^-14. cos(0) is 1.
  static GEMMACT_FN float cos(float x) { return sine(x, 1); }

  // 4 u + 2^-53 |x| (1 + tan^2 x); fast 2^-13.
  static GEMMACT_FN float tan(float x) {
    const reduced v = reduce_turns(x);
    const float square = v.r * v.r;
    float p;
    if constexpr (fast) p = Side::polynomial(square, 3.35194439e-1f, 1.16546251e-1f, 9.42584053e-2f);
    else
      p = Side::polynomial(square, 3.33331048e-1f, 1.33401617e-1f, 5.32977916e-2f, 2.48365141e-2f, 2.46709445e-3f,
                           9.77187417e-3f);
    const float t = Side::fma(p * square, v.r, v.r);
    return (v.quarters & 1u) != 0u ? Side::divide(-1.0f, t) : t;
  }

  // 3 u; fast 2^-14.
  static GEMMACT_FN float atan(float x) {
    const float size = Side::abs(x);
    const bool large = size > 1.0f;
    const float inverse = Side::divide(1.0f, size);
    const float t = large ? inverse : size;
    const float square = t * t;
    float p;
    if constexpr (fast) p = Side::polynomial(square, -3.32130700e-1f, 1.86814070e-1f, -9.40977409e-2f, 2.48401649e-2f);
    else
      p = Side::polynomial(square, -3.33331525e-1f, 1.99937671e-1f, -1.42110080e-1f, 1.06658407e-1f, -7.55193233e-2f,
                           4.32087108e-2f, -1.63653884e-2f, 2.91969697e-3f);
    const float y = Side::fma(p * square, t, t);
    return Side::copysign(large ? 1.57079637f - y : y, x);
  }

 private:
  struct reduced {
    u32 quarters;  // turns of pi/2, modulo 2^22
    float r;       // from -pi/4 to pi/4, and a little more where n's rounding was
  };
  static GEMMACT_FN reduced reduce_turns(float x) {
    const float shifted = Side::fma(x, 0.636619747f, 12582912.0f);
    const float n = shifted - 12582912.0f;
    float r = Side::fma(n, -4.82559204e-4f, Side::fma(n, -1.5703125f, x));
    if constexpr (fast) r = Side::fma(n, -1.26759085e-6f, r);
    else r = Side::fma(n, -9.92093629e-10f, Side::fma(n, -1.2665987e-6f, r));
    return {bit_cast<u32>(shifted), Side::at_least(Side::at_most(r, 0.8f), -0.8f)};  // as far as the polynomials reach
  }

  // sin(x + turns pi/2)
  static GEMMACT_FN float sine(float x, u32 turns) {
    const reduced v = reduce_turns(x);
    const u32 quarters = v.quarters + turns;
    const float square = v.r * v.r;
    float s, c;
    if constexpr (fast) {
      s = Side::polynomial(square, -1.66631386e-1f, 8.15690588e-3f);
      c = 4.08704132e-2f;
    } else {
      s = Side::polynomial(square, -1.66666538e-1f, 8.33209511e-3f, -1.95055400e-4f);
      c = Side::polynomial(square, 4.16666418e-2f, -1.38871302e-3f, 2.44120856e-5f);
    }
    const float odd = v.r * Side::fma(s, square, 1.0f);
    const float even = Side::fma(c * square, square, Side::fma(-0.5f, square, 1.0f));
    const float y = (quarters & 1u) != 0u ? even : odd;
    return bit_cast<float>(bit_cast<u32>(y) ^ ((quarters & 2u) << 30));
  }
};

}  // namespace gemmact

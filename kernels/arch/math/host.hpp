// The CPU device's side of arch/math: C++ that g++ vectorises for every instruction set.
//
// Errors are in u = 2^-24 relative to the result, as in formulas.hpp. Accurate mode keeps subnormal results. Fast
// mode's exp is 0 below -87.7 and infinite above 88.37.
#pragma once
#include "kernels/arch/math/formulas.hpp"
#include "kernels/arch/math/hyperbolic.hpp"
#include "kernels/arch/math/power.hpp"
#include "kernels/arch/math/trigonometry.hpp"
#include "kernels/base/config.hpp"

namespace gemmact {

template <accuracy mode>
struct math : math_formulas<mode, math<mode>>,
              trigonometry<mode, math<mode>>,
              hyperbolic<mode, math<mode>>,
              power<mode, math<mode>> {
  using base = math_formulas<mode, math<mode>>;
  using base::copysign, base::polynomial;
  static constexpr bool fast = mode == accuracy::fast;

  static GEMMACT_FN float abs(float x) { return bit_cast<float>(bit_cast<u32>(x) & ~base::sign_bit); }
  static GEMMACT_FN float min(float a, float b) { return ((a < b) | (a != a)) ? a : b; }
  static GEMMACT_FN float max(float a, float b) { return ((a > b) | (a != a)) ? a : b; }

  static GEMMACT_FN float fma(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
  }

  static GEMMACT_FN float divide(float a, float b) { return a / b; }
  template <int b>
  static GEMMACT_FN float divide_by(float a) {
    return a / float(b);
  }

  // Correctly rounded: one instruction.
  static GEMMACT_FN float sqrt(float x) { return __builtin_sqrtf(x); }
  // 2 u.
  static GEMMACT_FN float rsqrt(float x) { return 1.0f / sqrt(x); }

  static GEMMACT_FN float at_most(float x, float limit) { return x > limit ? limit : x; }
  static GEMMACT_FN float at_least(float x, float limit) { return x < limit ? limit : x; }

  // e^x = p * low * high with p in [0.7, 1.5): the two powers of two let a result below the normal range be rounded once,
  // by the last product. Exact 0 comes out of the product below -104. Needs x <= 89.
  struct exp_parts {
    float p, low, high;
  };
  static GEMMACT_FN exp_parts split_exp(float x) {
    const float lowest = fast ? -88.0f : -174.0f;
    const typename base::reduced v = base::reduce(x < lowest ? lowest : x);
    const float p = 1.0f + base::expm1_reduced(v.r);
    const i32 n = base::integer(v);
    if constexpr (fast) return {p, base::power_of_two(n), 1.0f};
    const i32 half = n >> 1;
    return {p, base::power_of_two(half), base::power_of_two(n - half)};
  }
  static GEMMACT_FN float value(exp_parts e) { return e.p * e.low * e.high; }

  // m * e^x, 3 u; finite m. |m| is below 2^100 where e^x underflows.
  static GEMMACT_FN float times_exp(float m, exp_parts e) { return m * e.p * e.low * e.high; }

  // 2 u; a result below the normal range may be 0. Needs x <= 0.
  static GEMMACT_FN float exp_flushed(float x) { return value(split_exp(x)); }

  static GEMMACT_FN float expm1_below(float x) { return base::expm1(x); }

  // 4 u; fast 2^-12.
  static GEMMACT_FN float tanh(float x) {
    if constexpr (fast) {
      const float square = x * x;
      const float p = polynomial(square, 9.99967933e-1f, 1.03624634e-1f, 7.09581363e-4f);
      const float q = polynomial(square, 1.0f, 4.36747074e-1f, 1.31970309e-2f);
      return abs(x) > 4.6f ? copysign(1.0f, x) : x * (p / q);
    } else {
      return base::tanh(x);
    }
  }
};

}  // namespace gemmact

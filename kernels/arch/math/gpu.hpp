// The GPU's side of arch/math, over the special-function instructions (MUFU): no division subroutine, no branch, no call.
//
// Errors are in u = 2^-24 relative to the result, at the documented errors of the instructions (ex2 2 ulp, rcp 1 ulp,
// sqrt 2^-23, rsqrt 2^-22.9; an ulp is at most 2 u): what docs/numerics.md grants a GPU as device_tolerance. Accurate mode
// keeps subnormal results. Fast mode flushes them; its tanh, and all sigmoids but in derivatives, are one tanh.approx (2^-11).
//
//                       MUFU   accurate                    MUFU   fast
//   exp                  1     11 u, + 1 u per 20 of |x|    1     2^-17
//   expm1                0     2.5 u                        1     2^-21 absolute below 0, 2^-17 above
//   expm1_below          1     14 u                         1     2^-21 absolute
//   log, log1p           0     3 u                          1     2^-22 absolute near log 1, relative away from it
//   log1p_unit           0     3 u                          1     2^-22 absolute
//   tanh                 2     10 u                         1     2^-11
//   sigmoid              2     exp's and 4 u                1     2^-12 absolute
//   times_sigmoid        2     exp's and 6 u                1     2^-12 |m|
//   times_sigmoid_grad   2     exp's and 10 u               2     2^-16
//   erfcx                1     13 u                         1     2^-13
//   erf                  2     12 u                         2     2^-12
//   sqrt                 1     2 u                          1     2 u
//   rsqrt                1     2.2 u                        1     2.2 u
//   sin, cos             0     3.5 u + 2^-53 |x|            1     2^-20 absolute (|x| <= 65536)
//   tan                  1     5 u and as sin's             1     2^-13
//   atan                 1     3.5 u                        1     2^-14
//   sinh, cosh           1     3 u                          2     2^-16
//   asinh                2     3.5 u                        2     2^-21 absolute near 0, relative away from it
//   pow                  1     6 u                          2     2^-22 (1 + |b| max(1, |log2 a|)) where that is small
#pragma once
#include "kernels/arch/math/formulas.hpp"
#include "kernels/arch/math/hyperbolic.hpp"
#include "kernels/arch/math/power.hpp"
#include "kernels/arch/math/trigonometry.hpp"
#include "kernels/base/config.hpp"
#if GEMMACT_DEVICE
#include "kernels/arch/math/device.cuh"
#else
#include "kernels/arch/math/emulated.hpp"
#endif

namespace gemmact {

template <accuracy mode>
struct math : math_formulas<mode, math<mode>>,
              trigonometry<mode, math<mode>>,
              hyperbolic<mode, math<mode>>,
              power<mode, math<mode>> {
  using base = math_formulas<mode, math<mode>>;
  using base::copysign;
  static constexpr bool fast = mode == accuracy::fast;
  static constexpr float log2_e = 1.44269504f, ln_2 = 0.693147182f;

  static GEMMACT_FN float abs(float x) { return arch::absolute(x); }
  static GEMMACT_FN float min(float a, float b) { return arch::min_nan(a, b); }
  static GEMMACT_FN float max(float a, float b) { return arch::max_nan(a, b); }
  static GEMMACT_FN float at_most(float x, float limit) { return arch::min_nan(x, limit); }
  static GEMMACT_FN float at_least(float x, float limit) { return arch::max_nan(x, limit); }
  static GEMMACT_FN float fma(float a, float b, float c) { return arch::fma_rn(a, b, c); }

  static GEMMACT_FN float divide(float a, float b) { return a * arch::rcp_approx(b); }
  template <int b>
  static GEMMACT_FN float divide_by(float a) {
    return a * (1.0f / float(b));
  }

  // e^x = one_half * other_half, each about e^(x/2), so that neither flushes above x = -174 and a subnormal e^x is rounded
  // once. The first also carries what x/2 * log2(e) lost in rounding. Fast: e^x is one_half, and flushes.
  struct exp_parts {
    float one_half, other_half;
  };
  static GEMMACT_FN exp_parts split_exp(float x) {
    if constexpr (fast) return {arch::ex2_approx(x * log2_e), 1.0f};
    const float held = at_least(x, -200.0f);
    const float h = held * (0.5f * log2_e);
    const float root = arch::ex2_approx(h);
    return {fma(root, fma(h, -2.0f * ln_2, held), root), root};
  }
  static GEMMACT_FN float value(exp_parts e) { return e.one_half * e.other_half; }
  static GEMMACT_FN float times_exp(float m, exp_parts e) { return m * e.one_half * e.other_half; }

  // 5 u, + 1.25 u |x|. A result below the normal range is 0.
  static GEMMACT_FN float exp_flushed(float x) { return arch::ex2_approx(x * log2_e); }

  static GEMMACT_FN float sqrt(float x) {
    if constexpr (fast) return arch::sqrt_approx(x);
    const bool small = x < 0x1p-126f;
    return arch::sqrt_approx(small ? x * 0x1p24f : x) * (small ? 0x1p-12f : 1.0f);
  }
  static GEMMACT_FN float rsqrt(float x) {
    if constexpr (fast) return arch::rsqrt_approx(x);
    const bool small = x < 0x1p-126f;
    return arch::rsqrt_approx(small ? x * 0x1p24f : x) * (small ? 0x1p12f : 1.0f);
  }

  static GEMMACT_FN float sin(float x) {
    if constexpr (fast) return arch::sin_approx(within_a_turn(x));
    else return trigonometry<mode, math>::sin(x);
  }
  static GEMMACT_FN float cos(float x) {
    if constexpr (fast) return arch::cos_approx(within_a_turn(x));
    else return trigonometry<mode, math>::cos(x);
  }
  static GEMMACT_FN float half_exp(float x) {
    if constexpr (fast) return arch::ex2_approx(fma(x, log2_e, -1.0f));
    else return hyperbolic<mode, math>::half_exp(x);
  }
  static GEMMACT_FN float asinh(float x) {
    if constexpr (fast) {
      const float size = abs(x), square = fma(size, size, 1.0f);
      const bool large = square > 3.40282347e38f;
      const float sum = large ? size : size + arch::sqrt_approx(square);
      return copysign(fma(ln_2, arch::lg2_approx(sum), large ? ln_2 : 0.0f), x);
    } else {
      return hyperbolic<mode, math>::asinh(x);
    }
  }
  static GEMMACT_FN float power_of(float size, float b) {
    if constexpr (fast) return arch::ex2_approx(at_least(at_most(b, 1e38f), -1e38f) * arch::lg2_approx(size));
    else return power<mode, math>::power_of(size, b);
  }

  static GEMMACT_FN float expm1(float x) {
    if constexpr (fast) return copysign(arch::ex2_approx(x * log2_e) - 1.0f, x);
    else return base::expm1(x);
  }
  static GEMMACT_FN float expm1_below(float x) {
    const float away = arch::ex2_approx(x * log2_e) - 1.0f;
    if constexpr (fast) return copysign(away, x);
    return copysign(x > -0.34f ? base::expm1_reduced(x) : away, x);
  }
  static GEMMACT_FN float log1p_unit(float x) {
    if constexpr (fast) return ln_2 * arch::lg2_approx(1.0f + x);
    else return base::log1p_unit(x);
  }
  static GEMMACT_FN float log1p(float x) {
    if constexpr (fast) return copysign(ln_2 * arch::lg2_approx(1.0f + x), x);
    else return base::log1p(x);
  }
  static GEMMACT_FN float log(float x) {
    if constexpr (fast) return ln_2 * arch::lg2_approx(x);
    else return base::log(x);
  }

  static GEMMACT_FN float tanh(float x) {
    if constexpr (fast) return arch::tanh_approx(x);
    else return base::tanh(x);
  }
  static GEMMACT_FN float sigmoid(float x) {
    if constexpr (fast) return fma(0.5f, arch::tanh_approx(0.5f * x), 0.5f);
    else return base::sigmoid(x);
  }
  static GEMMACT_FN float times_sigmoid(float m, float t) {
    if constexpr (fast) {
      const float s = sigmoid(t);
      return s == 0.0f ? copysign(0.0f, m) : m * s;
    } else {
      return base::times_sigmoid(m, t);
    }
  }

 private:
  // x less its turns of 2 pi: from -pi to pi, where sin.approx and cos.approx are documented. Its sign of zero is x's.
  static GEMMACT_FN float within_a_turn(float x) {
    const float n = fma(x, 0.159154937f, 12582912.0f) - 12582912.0f;
    const float r = fma(n, -3.01991605e-7f, fma(n, -6.28318501f, x));
    return at_least(at_most(r, 3.2f), -3.2f);
  }
};

}  // namespace gemmact

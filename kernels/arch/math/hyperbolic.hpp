// sinh, cosh and asinh, the same on every side: a part of arch/math, as formulas.hpp is. sinh and cosh overflow where the
// result does (beyond 89.4159), not where e^x does.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <accuracy mode, class Side>
struct hyperbolic {
  static constexpr bool fast = mode == accuracy::fast;

  // 3 u; fast 2^-15.
  static GEMMACT_FN float sinh(float x) {
    const float size = Side::abs(x), square = x * x;
    float p;
    if constexpr (fast) p = Side::polynomial(square, 1.66582137e-1f, 8.61061458e-3f);
    else p = Side::polynomial(square, 1.66667163e-1f, 8.33027065e-3f, 2.03733405e-4f);
    const float near = Side::fma(p * square, size, size);
    const float half = Side::half_exp(size);
    const float away = half - Side::divide(0.25f, half);
    return Side::copysign(size < 1.0f ? near : away, x);
  }

  // 2.5 u; fast 2^-15.
  static GEMMACT_FN float cosh(float x) {
    const float half = Side::half_exp(Side::abs(x));
    return half + Side::divide(0.25f, half);
  }

  // 3.5 u; fast 2^-18.
  static GEMMACT_FN float asinh(float x) {
    const float size = Side::abs(x), square = Side::fma(size, size, 1.0f);
    // log1p(size + (sqrt(size^2 + 1) - 1)); where size^2 overflows, the quotient is 0 and log(2) is what remains.
    const float held = Side::at_most(size, 3.40282347e38f);
    const float more = Side::fma(held, Side::divide(held, 1.0f + Side::sqrt(square)), held);
    const float rest = size > 3.40282347e38f ? size : 0.693147182f;
    return Side::copysign(Side::log1p_finite(more) + (square > 3.40282347e38f ? rest : 0.0f), x);
  }

  // e^x / 2 for x >= 0, 2 u; fast 2^-15.
  static GEMMACT_FN float half_exp(float x) {
    const auto v = Side::reduce(Side::at_most(x, 91.0f));
    return Side::times_power_of_two(1.0f + Side::expm1_reduced(v.r), Side::integer(v) - 1);
  }
};

}  // namespace gemmact

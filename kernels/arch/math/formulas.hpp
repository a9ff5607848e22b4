// The part of arch/math that is the same arithmetic on every side: branch-free formulas over f32, made of what each Side
// has of its own (fma, abs, divide, at_most, at_least, and e^x as factors).
//
// Errors are in u = 2^-24 relative to the result ("2 u" is about 1 ulp): those on the CPU device without fma; with it they
// are a little smaller, and gpu.hpp says what they are there. The polynomials are minimax fits of the relative error; fast
// mode has shorter ones.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <accuracy mode, class Side>
struct math_formulas {
  static constexpr bool fast = mode == accuracy::fast;
  static constexpr u32 sign_bit = 0x80000000u;
  static constexpr u32 infinity_bits = 0x7f800000u, nan_bits = 0x7fc00000u;

  static GEMMACT_FN float copysign(float magnitude, float sign) {
    return bit_cast<float>((bit_cast<u32>(magnitude) & ~sign_bit) | (bit_cast<u32>(sign) & sign_bit));
  }

  // -1, 0 or 1; zero and NaN are themselves.
  static GEMMACT_FN float sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }

  // c0 + c1 x + ... by Horner's rule.
  template <class... Rest>
  static GEMMACT_FN float polynomial(float x, float c0, Rest... rest) {
    if constexpr (sizeof...(rest) == 0) return c0;
    else return Side::fma(polynomial(x, rest...), x, c0);
  }

  // x = n ln 2 + r with |r| <= ln(2) / 2. `shifted` is n + 1.5 * 2^23, whose low bits are n.
  struct reduced {
    float shifted, r;
  };
  static GEMMACT_FN reduced reduce(float x) {
    const float shifted = Side::fma(x, 1.44269504f, 12582912.0f);
    const float n = shifted - 12582912.0f;
    if constexpr (fast) return {shifted, Side::fma(n, -0.693147182f, x)};
    // ln 2 in two parts: n times the first (15 bits) is exact.
    return {shifted, Side::fma(n, -1.42860677e-6f, Side::fma(n, -0.693145752f, x))};
  }
  static GEMMACT_FN i32 integer(reduced v) { return bit_cast<i32>(v.shifted) - 0x4b400000; }
  static GEMMACT_FN float power_of_two(i32 n) { return bit_cast<float>(u32(n + 127) << 23); }
  // m * 2^n in two products: 2^n itself may be no f32, and a result below the normal range is rounded once.
  static GEMMACT_FN float times_power_of_two(float m, i32 n) {
    const i32 half = n >> 1;
    return m * power_of_two(half) * power_of_two(n - half);
  }

  // e^r - 1 for |r| <= ln(2) / 2, relative error 0.3 u (fast: 2^-15.5) before rounding.
  static GEMMACT_FN float expm1_reduced(float r) {
    float q;
    if constexpr (fast) q = polynomial(r, 5.00016570e-1f, 1.67497948e-1f, 4.16099355e-2f);
    else q = polynomial(r, 4.99999970e-1f, 1.66665435e-1f, 4.16672006e-2f, 8.36658012e-3f, 1.38825073e-3f);
    return Side::fma(q * r, r, r);
  }

  // 2.5 u; fast 2^-15.
  static GEMMACT_FN float expm1(float x) {
    const reduced v = reduce(Side::at_least(Side::at_most(x, 89.0f), -25.0f));
    const float half = power_of_two(integer(v) - 1);  // 2^n itself may overflow
    const float q = expm1_reduced(v.r);
    const float y = 2.0f * Side::fma(half, q, half - 0.5f);
    return copysign(v.shifted == 12582912.0f ? q : y, x);
  }

  // log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)], 2 u; fast 2^-19.
  static GEMMACT_FN float log1p_reduced(float f) {
    float p;
    if constexpr (fast)
      p = polynomial(f, 3.33208472e-1f, -2.49437407e-1f, 2.04424307e-1f, -1.84086487e-1f, 1.17829584e-1f);
    else
      p = polynomial(f, 3.33333313e-1f, -2.50008225e-1f, 2.00012341e-1f, -1.66232973e-1f, 1.42015502e-1f,
                     -1.31605849e-1f, 1.27633438e-1f, -7.63566568e-2f);
    const float square = f * f;
    return Side::fma(p * f, square, Side::fma(-0.5f, square, f));
  }

  // log(1 + x) for 0 <= x <= 1, 3 u; fast 2^-18.
  static GEMMACT_FN float log1p_unit(float x) {
    const bool large = x > 0.414213562f;
    const float f = large ? Side::fma(0.5f, x, -0.5f) : x;
    return (large ? 0.693147182f : 0.0f) + log1p_reduced(f);
  }

  // log(1 + x) for finite x > -1, 3 u; fast 2^-18.
  static GEMMACT_FN float log1p_finite(float x) {
    const float d = 1.0f + x;
    const u32 k = (bit_cast<u32>(d) - 0x3f3504f3u) & 0xff800000u;  // exponent << 23
    const float four = bit_cast<float>(0x40800000u - k);           // 4 * 2^-exponent
    const float f = Side::fma(x * four, 0.25f, Side::fma(four, 0.25f, -1.0f));
    return add_exponent(k, log1p_reduced(f));
  }

  // 3 u; fast 2^-18. NaN below -1.
  static GEMMACT_FN float log1p(float x) {
    const float below = x < -1.0f ? bit_cast<float>(nan_bits) : (x == -1.0f ? -bit_cast<float>(infinity_bits) : 0.0f);
    const float y = log1p_finite(Side::at_most(x, 3.40282347e38f));
    return copysign(y + (x > 3.40282347e38f ? x : below), x);
  }

  // x = 2^(k / 2^23) * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), for finite x > 0.
  struct split {
    u32 k;
    float f;
  };
  static GEMMACT_FN split split_exponent(float x) {
    const bool subnormal = x < 1.17549435e-38f;
    const u32 bits = bit_cast<u32>(subnormal ? x * 8388608.0f : x);
    const u32 k = (bits - 0x3f3504f3u) & 0xff800000u;
    return {k - (subnormal ? 23u << 23 : 0u), bit_cast<float>(bits - k) - 1.0f};
  }
  static GEMMACT_FN float exponent(u32 k) { return float(bit_cast<i32>(k)) * 0x1p-23f; }

  // 3 u; fast 2^-18. -infinity at 0, NaN below.
  static GEMMACT_FN float log(float x) {
    const split v = split_exponent(x);
    const float y = add_exponent(v.k, log1p_reduced(v.f));
    const float inside = x > 3.40282347e38f ? x : (x == 0.0f ? -bit_cast<float>(infinity_bits) : y);
    return ((x < 0.0f) | (x != x)) ? bit_cast<float>(nan_bits) : inside;
  }

  // 4 u.
  static GEMMACT_FN float tanh(float x) {
    const float square = x * x;
    const float p =
        polynomial(square, -3.33332807e-1f, 1.33314416e-1f, -5.37397154e-2f, 2.06390880e-2f, -5.70498733e-3f);
    const float near = Side::fma(p * square, x, x);
    const float e = Side::exp_flushed(-2.0f * Side::abs(x));
    const float away = 1.0f - Side::divide(2.0f * e, 1.0f + e);
    return copysign(Side::abs(x) < 0.625f ? near : away, x);
  }

  // e^(x^2) * erfc(x) for x >= 0, 7 u; fast 2^-13.
  static GEMMACT_FN float erfcx(float x) {
    const float offset = fast ? 3.0f : 2.5f;
    const float inverse = Side::divide(1.0f, x + offset);
    const float q = Side::fma(-2.0f * offset, inverse, 1.0f);  // (x - offset) / (x + offset), from -1 to 1
    if constexpr (fast)
      return inverse * polynomial(q, 1.07395959f, -8.83208871e-1f, 5.91168344e-1f, -3.12361121e-1f, 1.17053188e-1f,
                                  -2.23942474e-2f);
    else
      return inverse * polynomial(q, 1.05403185f, -8.04651916e-1f, 4.53914404e-1f, -1.71249688e-1f, 2.83576064e-2f,
                                  8.38387944e-3f, -4.79995692e-3f, -4.14962793e-4f, 6.62234554e-4f, 2.74848571e-5f,
                                  -7.13256814e-5f);
  }

  // 3.5 u; fast 2^-12.
  static GEMMACT_FN float erf(float x) {
    const float square = x * x;
    const float p = polynomial(square, 1.12837911f, -3.76126200e-1f, 1.12833768e-1f, -2.68346239e-2f, 5.11434535e-3f,
                               -6.74951298e-4f);
    const float away = 1.0f - Side::value(Side::split_exp(-square)) * erfcx(Side::abs(x));
    return copysign(Side::abs(x) < 0.75f ? x * p : away, x);
  }

  // 2 u; infinity above 88.73.
  static GEMMACT_FN float exp(float x) { return Side::value(Side::split_exp(Side::at_most(x, 89.0f))); }

  // 1 / (1 + e^-x), 4 u.
  static GEMMACT_FN float sigmoid(float x) {
    const float e = Side::value(Side::split_exp(-Side::abs(x)));
    return Side::divide(x < 0.0f ? e : 1.0f, 1.0f + e);
  }

  // m * sigmoid(x) * sigmoid(-x), 5 u. (Written as s * (1 - s) it would be 0 above 16.64.)
  static GEMMACT_FN float times_sigmoid_grad(float m, float x) {
    const auto e = Side::split_exp(-Side::abs(x));
    const float d = 1.0f + Side::value(e);
    return Side::divide(Side::divide(Side::times_exp(m, e), d), d);
  }

  // m * sigmoid(t), 5 u; a zero of m's sign below t = -174.
  static GEMMACT_FN float times_sigmoid(float m, float t) {
    const auto e = Side::split_exp(-Side::abs(t));
    const float tail = t < -174.0f ? copysign(0.0f, m) : Side::times_exp(m, e);
    return Side::divide(t < 0.0f ? tail : m, 1.0f + Side::value(e));
  }

  // sigmoid(t) * (1 + s * sigmoid(-t)): the derivative of x * sigmoid(t(x)), with s = x * t'(x) finite.
  static GEMMACT_FN float gated_grad(float t, float s) {
    const float e = Side::value(Side::split_exp(-Side::abs(t)));
    const float one = Side::divide(1.0f, 1.0f + e), rest = e * one;
    return (t < 0.0f ? rest : one) * Side::fma(s, t < 0.0f ? one : rest, 1.0f);
  }

 private:
  // k / 2^23 * ln 2 + y
  static GEMMACT_FN float add_exponent(u32 k, float y) {
    const float n = exponent(k);
    return Side::fma(n, 0.693145752f, Side::fma(n, 1.42860677e-6f, y));
  }
};

}  // namespace gemmact

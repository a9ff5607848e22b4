// pow, the same on every side: a part of arch/math, as formulas.hpp is.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <accuracy mode, class Side>
struct power {
  static constexpr bool fast = mode == accuracy::fast;

  // C's pow: 1 for b = 0 and a = 1 whatever the other is, NaN for a < 0 unless b is an integer. 6 u; fast
  // 2^-15 + 2^-19 |b log2 a|.
  static GEMMACT_FN float pow(float a, float b) {
    const float size = Side::abs(a), whole = Side::abs(b);
    const bool integral = is_integral(whole), odd = integral & !is_integral(0.5f * whole);
    const bool undefined = (a < 0.0f) & (size <= 3.40282347e38f) & !integral;
    const bool no_number = ((a != a) | (b != b) | undefined) & (b != 0.0f) & (a != 1.0f);
    const bool still = (b == 0.0f) | (size == 1.0f);
    const float sign = Side::copysign(1.0f, a), side = odd ? sign : 1.0f;
    const float base = still ? 1.0f : size, exponent = still ? 0.0f : b;
    return Side::power_of(base, exponent) * (no_number ? bit_cast<float>(Side::nan_bits) : side);
  }

  // size^b for size >= 0. b log2(size) is carried with 11 bits more than a float has, or its error would be the result's
  // many times over. To split_exponent 0 is 2^-150 and infinity 2^128; 2^33 is enough for 1 + 2^-23 to overflow.
  static GEMMACT_FN float power_of(float size, float b) {
    const float most = Side::copysign(0x1p33f, b);
    const float far = ((size == 0.0f) | (size > 3.40282347e38f)) ? most : b;
    const float held = Side::at_least(Side::at_most(far, 0x1p33f), -0x1p33f);
    if constexpr (fast) {
      const auto v = Side::split_exponent(size);
      return exp2(held * Side::fma(Side::log1p_reduced(v.f), 1.44269504f, Side::exponent(v.k)), 0.0f);
    } else {
      const wide log = log2(size);
      const float high = upper(log.value), low = (log.value - high) + log.rest;
      const float b_high = upper(held), b_low = held - b_high;
      return exp2(b_high * high, Side::fma(b_low, high, held * low));
    }
  }

 private:
  // x to 12 bits: products of two such are exact.
  static GEMMACT_FN float upper(float x) { return bit_cast<float>(bit_cast<u32>(x) & 0xfffff000u); }

  static GEMMACT_FN bool is_integral(float size) {
    return (size >= 8388608.0f) | ((size + 8388608.0f) - 8388608.0f == size);
  }

  struct wide {
    float value, rest;
  };
  // log2(x) = k + 2 / ln 2 * atanh(s), s = f / (2 + f), within 2^-33 of it.
  static GEMMACT_FN wide log2(float x) {
    const auto v = Side::split_exponent(x);
    const float k = Side::exponent(v.k), d = 2.0f + v.f;
    const float d_high = upper(d), d_low = v.f - (d_high - 2.0f);
    const float inverse = Side::divide(1.0f, d);
    const float s_high = upper(v.f * inverse);
    const float s_low = ((v.f - s_high * d_high) - s_high * d_low) * inverse;
    const float s = s_high + s_low, square = s * s;
    const float p = Side::polynomial(square, 9.61796701e-1f, 5.77078819e-1f, 4.11927253e-1f, 3.36490810e-1f);
    const float tail = Side::fma(p * square, s, Side::fma(s_low, 2.88539004f, s_high * 6.24456792e-4f));
    const float head = s_high * 2.88476562f;  // exact
    const float sum = k + head;
    return {sum, (head - (sum - k)) + tail};
  }

  // 2^(x + rest), |rest| < 1 where |x| < 160.
  static GEMMACT_FN float exp2(float x, float rest) {
    const float more = Side::abs(x) < 160.0f ? rest : 0.0f;
    const float held = Side::at_least(Side::at_most(x, 160.0f), -160.0f);
    const float shifted = (held + more) + 12582912.0f;
    const float r = (held - (shifted - 12582912.0f)) + more;
    return Side::times_power_of_two(1.0f + Side::expm1_reduced(r * 0.693147182f), Side::integer({shifted, r}));
  }
};

}  // namespace gemmact

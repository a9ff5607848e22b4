// The host side of arch/math: branch-free polynomials over f32 that g++ vectorises on every instruction set.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <accuracy mode>
struct math {
  static GEMMACT_FN float abs(float x) { return bit_cast<float>(bit_cast<u32>(x) & 0x7fffffffu); }

  // a * b + c, rounded once where the machine has such an instruction.
  static GEMMACT_FN float fma(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
  }

  // e^x, 1 ulp; 0 below -104, infinity above 88.73; subnormal results kept.
  static GEMMACT_FN float exp(float x) {
    const float inside = x < -104.0f ? -104.0f : (x > 89.0f ? 89.0f : x);  // NaN stays
    const float shifted = fma(inside, 1.44269504f, 12582912.0f);
    const float n = shifted - 12582912.0f;
    float r = fma(n, -0.693145752f, inside);
    r = fma(n, -1.42860677e-6f, r);
    float p = 1.37805939e-3f;
    p = fma(p, r, 8.37312452e-3f);
    p = fma(p, r, 4.16695364e-2f);
    p = fma(p, r, 1.66664720e-1f);
    p = fma(p, r, 4.99999851e-1f);
    p = fma(p * r, r, r) + 1.0f;
    // 2^n in two factors, so that results below the normal range are rounded once by the last product.
    const i32 e = bit_cast<i32>(shifted) - 0x4b400000;
    const i32 half = e >> 1;
    const float low = bit_cast<float>(u32(half + 127) << 23);
    const float high = bit_cast<float>(u32(e - half + 127) << 23);
    return x != x ? x : p * low * high;
  }

  // 1 / (1 + e^-x)
  static GEMMACT_FN float sigmoid(float x) {
    const float e = exp(-abs(x));
    const float d = 1.0f + e;
    return x < 0.0f ? e / d : 1.0f / d;
  }
};

}  // namespace gemmact

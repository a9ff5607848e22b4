// The narrow floating-point types as bits, with their conversions. Every conversion to a narrow type rounds to nearest,
// ties to even; NaN stays NaN. All functions are branch-free selects, so that a compiler can vectorise loops over them.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

struct f16_bits { u16 bits; };
struct bf16_bits { u16 bits; };
struct e4m3_bits { u8 bits; };

// bf16: 1 sign, 8 exponent, 7 mantissa bits.
GEMMACT_FN constexpr float to_float(bf16_bits v) { return bit_cast<float>(u32(v.bits) << 16); }

GEMMACT_FN constexpr bf16_bits to_bf16(float v) {
  const u32 b = bit_cast<u32>(v);
  const u32 rounded = (b + 0x7fffu + ((b >> 16) & 1u)) >> 16;
  const u32 quiet_nan = (b >> 16) | 0x40u;
  return {u16((b & 0x7fffffffu) > 0x7f800000u ? quiet_nan : rounded)};
}

// IEEE binary16: 1 sign, 5 exponent, 10 mantissa bits.
GEMMACT_FN constexpr float to_float(f16_bits v) {
  const u32 magnitude = u32(v.bits & 0x7fffu);
  // Shifted into place the exponent is short by 112; the product mends it and normalises subnormals, exactly.
  const float scaled = bit_cast<float>(magnitude << 13) * bit_cast<float>(0x77800000u);  // 2^112
  const u32 special = (magnitude << 13) | 0x7f800000u;
  const u32 bits = magnitude >= 0x7c00u ? special : bit_cast<u32>(scaled);
  return bit_cast<float>(bits | (u32(v.bits & 0x8000u) << 16));
}

GEMMACT_FN constexpr f16_bits to_f16(float v) {
  const u32 b = bit_cast<u32>(v);
  const u32 sign = (b >> 16) & 0x8000u;
  const u32 a = b & 0x7fffffffu;
  // Normal results: re-bias, then round the 13 dropped bits to nearest even (a carry moves into the exponent).
  const u32 normal = (a - 0x38000000u + 0xfffu + ((a >> 13) & 1u)) >> 13;
  // Subnormal results: adding 2^-1 leaves the rounded 2^-24 multiples in the low bits of the sum.
  const u32 subnormal = bit_cast<u32>(bit_cast<float>(a) + 0.5f) - 0x3f000000u;
  const u32 finite = a < 0x38800000u ? subnormal : normal;
  const u32 nan_bits = 0x7e00u | ((a >> 13) & 0x3ffu);
  const u32 large = a > 0x7f800000u ? nan_bits : 0x7c00u;
  return {u16(sign | (a >= 0x477ff000u ? large : finite))};
}

// e4m3 (OCP "FN"): 1 sign, 4 exponent (bias 7), 3 mantissa bits; largest 448, no infinities, 0x7f is NaN.
GEMMACT_FN constexpr float to_float(e4m3_bits v) {
  const u32 magnitude = u32(v.bits & 0x7fu);
  const float scaled = bit_cast<float>(magnitude << 20) * bit_cast<float>(0x7b800000u);  // 2^120
  const u32 bits = magnitude == 0x7fu ? 0x7fc00000u : bit_cast<u32>(scaled);
  return bit_cast<float>(bits | (u32(v.bits & 0x80u) << 24));
}

// Saturates to +-448, infinities included.
GEMMACT_FN constexpr e4m3_bits to_e4m3(float v) {
  const u32 b = bit_cast<u32>(v);
  const u32 sign = (b >> 24) & 0x80u;
  const u32 a = b & 0x7fffffffu;
  const u32 normal = (a - 0x3c000000u + 0x7ffffu + ((a >> 20) & 1u)) >> 20;
  // Adding 2^14 leaves the rounded 2^-9 multiples in the low bits of the sum.
  const u32 subnormal = bit_cast<u32>(bit_cast<float>(a) + 16384.0f) - 0x46800000u;
  const u32 finite = a < 0x3c800000u ? subnormal : normal;
  const u32 saturated = a >= 0x43e00000u ? 0x7eu : finite;
  return {u8(sign | (a > 0x7f800000u ? 0x7fu : saturated))};
}

// tf32: f32 with 10 mantissa bits, rounded to nearest, ties away from zero (cvt.rna.tf32.f32).
GEMMACT_FN constexpr float round_to_tf32(float v) {
  const u32 b = bit_cast<u32>(v);
  const u32 rounded = (b + 0x1000u) & 0xffffe000u;
  return bit_cast<float>((b & 0x7f800000u) == 0x7f800000u ? b : rounded);
}

}  // namespace gemmact

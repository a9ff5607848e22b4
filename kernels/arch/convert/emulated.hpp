// kernels/arch/convert on the CPU: the conversions of kernels/base/float_types.hpp.
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/base/float_types.hpp"

namespace gemmact::arch {

GEMMACT_FN u32 pack_f16(float low, float high) { return to_f16(low).bits | u32(to_f16(high).bits) << 16; }
GEMMACT_FN u32 pack_bf16(float low, float high) { return to_bf16(low).bits | u32(to_bf16(high).bits) << 16; }
GEMMACT_FN u16 pack_e4m3(float low, float high) { return u16(to_e4m3(low).bits | u32(to_e4m3(high).bits) << 8); }
GEMMACT_FN array<float, 2> unpack_f16(u32 both) {
  return {{to_float(f16_bits{u16(both)}), to_float(f16_bits{u16(both >> 16)})}};
}
GEMMACT_FN array<float, 2> unpack_bf16(u32 both) {
  return {{to_float(bf16_bits{u16(both)}), to_float(bf16_bits{u16(both >> 16)})}};
}
GEMMACT_FN array<float, 2> unpack_e4m3(u16 both) {
  return {{to_float(e4m3_bits{u8(both)}), to_float(e4m3_bits{u8(both >> 8)})}};
}
GEMMACT_FN u32 to_tf32(float value) { return bit_cast<u32>(round_to_tf32(value)); }

}  // namespace gemmact::arch

// The GPU's side of kernels/arch/convert. cvt puts its first source into the high half.
#pragma once
#include "kernels/base/float_types.hpp"

namespace gemmact::arch {

__device__ __forceinline__ u32 pack_f16(float low, float high) {
  u32 v;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(v) : "f"(high), "f"(low));
  return v;
}
__device__ __forceinline__ u32 pack_bf16(float low, float high) {
  u32 v;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(v) : "f"(high), "f"(low));
  return v;
}
__device__ __forceinline__ u16 pack_e4m3(float low, float high) {
#if __CUDA_ARCH__ >= 890
  u16 v;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(v) : "f"(high), "f"(low));
  return v;
#else
  return u16(to_e4m3(low).bits | u32(to_e4m3(high).bits) << 8);
#endif
}

__device__ __forceinline__ array<float, 2> unpack_f16(u32 packed) {
  array<float, 2> v;
  asm("{\n.reg .b16 low, high;\nmov.b32 {low, high}, %2;\ncvt.f32.f16 %0, low;\ncvt.f32.f16 %1, high;\n}"
      : "=f"(v.values[0]), "=f"(v.values[1])
      : "r"(packed));
  return v;
}
// An f32 is its bf16 with 16 more bits.
__device__ __forceinline__ array<float, 2> unpack_bf16(u32 packed) {
  array<u32, 2> v;
  asm("shl.b32 %0, %1, 16;" : "=r"(v.values[0]) : "r"(packed));
  asm("and.b32 %0, %1, 0xffff0000;" : "=r"(v.values[1]) : "r"(packed));
  return {bit_cast<float>(v.values[0]), bit_cast<float>(v.values[1])};
}
__device__ __forceinline__ array<float, 2> unpack_e4m3(u16 packed) {
#if __CUDA_ARCH__ >= 890
  u32 v;
  asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(v) : "h"(packed));
  return unpack_f16(v);
#else
  return {to_float(e4m3_bits{u8(packed)}), to_float(e4m3_bits{u8(packed >> 8)})};
#endif
}

__device__ __forceinline__ u32 to_tf32(float value) {
  u32 v;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(v) : "f"(value));
  return v;
}

}  // namespace gemmact::arch

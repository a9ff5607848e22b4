// f32 from and to narrow types, two values at once; to nearest even, e4m3 saturating (its NaN kept). The first argument
// lies at the lower address. (kernels/base/float_types.hpp has the same conversions in plain C++, one by one.)
//
//   u32 pack_f16(float low, float high)      u32 pack_bf16(float low, float high)
//   u16 pack_e4m3(float low, float high)     (one instruction from sm_89 on)
//   array<float, 2> unpack_f16(u32), unpack_bf16(u32), unpack_e4m3(u16)      e4m3: likewise
//   u32 to_tf32(float)      the bits of an f32 with 10 mantissa bits, ties away from zero
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/convert/device.cuh"
#else
#include "kernels/arch/convert/emulated.hpp"
#endif

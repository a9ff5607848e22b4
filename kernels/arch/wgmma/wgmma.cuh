// D (+)= A B by a warpgroup, 64 x n tiles, asynchronous (sm_90a); f32 accumulation. Operands lie in shared memory as
// descriptors say; A may be in registers.
//
//   void wgmma_fence()                   before the first, and after registers of D or A were touched otherwise
//   void wgmma_commit()                  closes a group
//   void wgmma_wait<pending>()           until at most the newest `pending` groups are under way
//   void wgmma<T, n, a_major, b_major>(array<float, n / 2>& d, u64 a, u64 b, bool accumulate)
//   void wgmma<T, n, b_major>(array<float, n / 2>& d, const array<u32, 4>& a, u64 b, bool accumulate)
//        T = f16_bits, bf16_bits (k = 16), tf32 (k = 8), e4m3_bits (k = 32); n = 8, 16, ..., 256. major::mn for 16-bit T
//        only. Without `accumulate` D is not read.
//   void wgmma_keep(array<float, count>& d)   tells the compiler that d is in use by what is under way
// All 128 threads come together with the same descriptors. Until a wait covers it, D and A's registers are not to be
// touched, and shared operands not to be written.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"
#include "kernels/base/fragment.hpp"
#include "kernels/base/swizzle.hpp"

namespace gemmact::arch {

enum class major : u8 { k, mn };

// The bits of a matrix descriptor: offsets in bytes, multiples of 16; span 16 (none), 32, 64 or 128.
GEMMACT_FN constexpr u64 wgmma_descriptor(shared_address start, u32 leading_bytes, u32 stride_bytes, u32 span) {
  const u64 code = span == 128 ? 1 : span == 64 ? 2 : span == 32 ? 3 : 0;
  return u64((start.value & 0x3ffffu) >> 4) | u64((leading_bytes & 0x3ffffu) >> 4) << 16 |
         u64((stride_bytes & 0x3ffffu) >> 4) << 32 | code << 62;
}

// Where element (mn, k) of one instruction's operand is read, from the descriptor's parts; before the swizzle, which is
// of the absolute address.
template <major along, u32 span>
GEMMACT_FN constexpr u32 wgmma_offset(u32 mn, u32 k, u32 element_bytes, u32 leading, u32 stride) {
  const u32 mb = mn * element_bytes, kb = k * element_bytes;
  if constexpr (along == major::k) {
    if constexpr (span == 16) return (mn / 8) * stride + (mn % 8) * 16 + (kb / 16) * leading + kb % 16;
    else return (mn / 8) * stride + (mn % 8) * span + kb;
  } else {
    if constexpr (span == 16) return (mb / 16) * stride + mb % 16 + (k % 8) * 16 + (k / 8) * leading;
    else return (mb / span) * leading + mb % span + (k % 8) * span + (k / 8) * stride;
  }
}

// Register `reg` of `thread` of the warpgroup: of D one element, of A element `part`.
GEMMACT_FN constexpr tile_place wgmma_d(u32 thread, u32 reg) {
  const tile_place own = fragment_d(thread % 32, reg);
  return {16 * (thread / 32) + own.row, own.col};
}
template <class T>
GEMMACT_FN constexpr tile_place wgmma_a(u32 thread, u32 reg, u32 part) {
  const tile_place own = fragment_a<T>(thread % 32, reg, part);
  return {16 * (thread / 32) + own.row, own.col};
}

}  // namespace gemmact::arch

#if GEMMACT_DEVICE
#include "kernels/arch/wgmma/device.cuh"
#else
#include "kernels/arch/wgmma/emulated.hpp"
#endif

// The places of wgmma's operands: in shared memory, as a descriptor says, and in registers.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/fragment.hpp"

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

// The XOR of 16-byte chunks that TMA and wgmma know, on absolute shared addresses (or offsets from a base aligned to
// 8 * span): rows of `span` bytes (128, 64, 32; 16: none) whose equal columns lie in different banks. An involution.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <u32 span>
GEMMACT_FN constexpr u32 swizzle(u32 address) {
  static_assert(span == 16 || span == 32 || span == 64 || span == 128, "a swizzle's span");
  return address ^ (((address >> 7) & (span / 16 - 1)) << 4);
}

}  // namespace gemmact

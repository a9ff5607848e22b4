// Where the elements of a box that TMA copies lie in shared memory.
#pragma once
#include "kernels/base/swizzle.hpp"

namespace gemmact::arch {

// `line` = i1 + b1 * i2; pitch = span when swizzled (b0 * element bytes = span), else b0 * element bytes.
template <u32 span>
GEMMACT_FN constexpr u32 tma_offset(u32 byte_in_line, u32 line, u32 pitch) {
  return swizzle<span>(byte_in_line + line * pitch);
}

}  // namespace gemmact::arch

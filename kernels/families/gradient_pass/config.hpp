#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::families::gradient_pass {

// A block has 64 columns, eight lanes beside each other, and some of the rows, of which each of its warps reads four at once
// and `rows` times four before the first are used.
struct config {
  static constexpr u32 warps = 8, threads = 32 * warps, cols = 64, warp_rows = 4;

  u32 rows;
  // From here on what the operands decide.
  u32 min_blocks = 1;  // on a multiprocessor, which bounds the registers
  u32 kept = 0;        // matrices that f' is taken from
  u32 kept_bytes = 0;  // of an element of theirs; 0: bits
  u32 sums = 0;        // over the rows

  constexpr u32 round_rows() const { return warps * warp_rows * rows; }
  // Of the warps, and whether a block is the last.
  constexpr u32 sums_bytes() const { return warps * sums * cols * 4; }
  constexpr u32 shared_bytes() const { return sums == 0 ? 0 : sums_bytes() + 16; }
};

}  // namespace gemmact::families::gradient_pass

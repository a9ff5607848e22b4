// Wgmma's sums on their way out: through slabs of shared memory, 16 rows of a warp each, that TMA stores.
#pragma once
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/swizzle.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::tile {

struct staged_strip : strip_of<pairs> {
  // Where Y is staged, and what is kept: the rows that this lane addresses when 8 rows of 32 columns are stored by stmatrix.
  shared_address y, kept;
  u32 kept_pitch;  // from there to where the next product's is
  u32 bits;        // of the row's 32 columns that four lanes have: what was kept before, or is kept by a step
};

// `span` bytes a row, swizzled as TMA wants it; 16-bit elements.
template <u32 span>
struct slab {
  static constexpr u32 rows = 16, cols = span / 2, bytes = rows * span;

  // Of rows 8 * half ... + 7 and columns 32 * slice ... + 31.
  GEMMACT_FN static shared_address row_of_lane(shared_address slab, u32 half, u32 slice) {
    const u32 lane = arch::lane_index();
    return slab + swizzle<span>((8 * half + lane % 8) * span + 64 * slice + 16 * (lane / 8));
  }
};

}  // namespace gemmact::tile

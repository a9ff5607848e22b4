// Which columns of a row a strip has, and the piece of shared memory through which a warp turns its accumulators into
// strips of neighbours.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::tile {

inline constexpr u32 strip_width = 8;  // columns of a strip

// Value j is of column first + at(j); `run` of them side by side, all of them within `reach` columns; `lanes` of a warp beside
// each other have strips of one row.
struct neighbours {
  static constexpr u32 run = strip_width, reach = strip_width, lanes = 4;
  GEMMACT_FN static constexpr u32 at(u32 j) { return j; }
};
// As tensor cores leave them: the fragments of a 16 x 32 slice, of one row.
struct pairs {
  static constexpr u32 run = 2, reach = 26, lanes = 4;
  GEMMACT_FN static constexpr u32 at(u32 j) { return 8 * (j / 2) + j % 2; }
};
// Of kernels that multiply nothing, whose rows of 16-bit elements are read in whole lines.
struct neighbours_of_eight : neighbours {
  static constexpr u32 lanes = 8;
};

inline constexpr u32 strip_rows = 16, strip_cols = 32;  // of accumulators at a time, as f32
inline constexpr u32 strip_pitch_bytes = (strip_cols + 8) * 4;
inline constexpr u32 strip_shared_bytes = strip_rows * strip_pitch_bytes;  // a warp

// Of an element. The pitch puts pairs of floats of four neighbouring rows into different banks; the exchange of the halves
// of a strip in odd rows does so for four floats of two rows.
GEMMACT_FN constexpr u32 strip_offset(u32 row, u32 col) {
  return row * strip_pitch_bytes + ((col ^ (4 * (row % 2))) * 4);
}

}  // namespace gemmact::tile

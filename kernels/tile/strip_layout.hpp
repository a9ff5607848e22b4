// The piece of shared memory through which a warp turns its accumulators into strips.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::tile {

inline constexpr u32 strip_width = 8;                           // columns
inline constexpr u32 strip_rows = 16, strip_cols = 32;          // of accumulators at a time, as f32
inline constexpr u32 strip_pitch_bytes = (strip_cols + 8) * 4;  // pairs of floats of four rows lie in different banks
inline constexpr u32 strip_shared_bytes = strip_rows * strip_pitch_bytes;  // a warp

}  // namespace gemmact::tile

// In which order the tiles of an output are worked on: down `group` rows of tiles before the next column of tiles, so that
// blocks that run together share rows of X and of W in the second-level cache.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::tile {

struct tile_place {
  u32 row, col;  // in tiles
};

struct tile_order {
  u32 rows, cols;  // of tiles
  u32 group;       // rows of tiles that are walked down together

  GEMMACT_FN constexpr u32 count() const { return rows * cols; }
  GEMMACT_FN constexpr tile_place operator[](u32 index) const {
    const u32 in_group = group * cols, first = index / in_group * group, at = index % in_group;
    const u32 height = rows - first < group ? rows - first : group;  // of the last group
    return {first + at % height, at / height};
  }
};

}  // namespace gemmact::tile

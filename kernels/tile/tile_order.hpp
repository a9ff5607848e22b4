// In which order the tiles of an output are worked on, so that blocks that run together share rows of X and of W in the
// second-level cache: down `group` rows of tiles before the next column of tiles; curved, along Hilbert's curve through
// squares of `group` tiles (a power of two) one after the other, and down the columns of what is left at the edges.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::tile {

struct tile_place {
  u32 row, col;  // in tiles
};

// Place `index` of Hilbert's curve through a square, from (0, 0) to (0, side - 1).
GEMMACT_FN constexpr tile_place hilbert_place(u32 index, u32 side) {
  tile_place at{0, 0};
  for (u32 size = 1; size < side; size *= 2, index /= 4) {
    const u32 right = index / 2 % 2, down = (index ^ right) % 2;
    if (down == 0) {
      if (right == 1) at = {size - 1 - at.row, size - 1 - at.col};
      at = {at.col, at.row};
    }
    at = {at.row + size * down, at.col + size * right};
  }
  return at;
}

struct tile_order {
  u32 rows, cols;  // of tiles
  u32 group;       // rows of tiles that are walked down together
  u32 curved = 0;

  GEMMACT_FN constexpr u32 count() const { return rows * cols; }
  GEMMACT_FN constexpr tile_place operator[](u32 index) const {
    const u32 in_group = group * cols, first = index / in_group * group, at = index % in_group;
    const u32 height = rows - first < group ? rows - first : group;  // of the last group
    const u32 in_square = height * group, left = at / in_square * group;
    if (curved != 0 && height == group && cols - left >= group) {
      const tile_place place = hilbert_place(at % in_square, group);
      return {first + place.row, left + place.col};
    }
    return {first + at % height, at / height};
  }
};

}  // namespace gemmact::tile

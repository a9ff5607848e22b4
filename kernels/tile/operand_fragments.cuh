// One operand of a warp's product, loaded from a tile that tile_loader has copied: 16 rows and 32 bytes along k at a time,
// as mma.sync takes them (of B, two tiles of 8 columns).
#pragma once
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/fragment.hpp"
#include "kernels/base/same.hpp"
#include "kernels/base/swizzle.hpp"
#include "kernels/tile/tile_loader.cuh"

namespace gemmact::tile {

enum class side { a, b };

template <class T>
inline constexpr u32 operand_bytes = 4 / packed_elems<T>;  // of an element

// Register r of A has 8 rows from 8 (r mod 2) and the half r / 2 of k; of B the reverse.
template <side which, class T, u32 rows, u32 span, bool along_k>
class operand_fragments {
 public:
  static constexpr u32 step_bytes = 32;

  // The warp's rows begin at `row` of the tile.
  GEMMACT_FN explicit operand_fragments(u32 row) {
    const u32 lane = arch::lane_index(), in_matrix = lane % 8, matrix = lane / 8;
    const u32 upper_rows =
        which == side::a ? matrix % 2 : matrix / 2;  // of the matrix whose row this lane's address is
    const u32 upper_k = which == side::a ? matrix / 2 : matrix % 2;
    if constexpr (along_k) {
      offset_ = row * span + swizzle<span>((in_matrix + 8 * upper_rows) * span + 16 * upper_k);
    } else {
      const u32 byte = row * bytes, in_panel = byte % width;
      offset_ = byte / width * panel::bytes;
      if constexpr (bytes == 2)
        offset_ += swizzle<width>((in_matrix + 8 * upper_k) * width + (in_panel ^ (16 * upper_rows)));
      else offset_ += swizzle<width>(lane % 4 * width + in_panel + lane / 4 * 4);
    }
  }

  // Rows 16 i and on, step `step` of the tile. What is put in by ^ changes bits that the swizzle only inverts.
  GEMMACT_FN void load(array<u32, 4>& to, shared_address tile, int step, int i) const {
    if constexpr (along_k) {
      arch::ldmatrix<false>(to, tile + ((offset_ ^ (step_bytes * u32(step))) + u32(i) * 16 * span));
    } else {
      constexpr u32 step_lines = step_bytes / bytes;
      const u32 byte = u32(i) * 16 * bytes, own = offset_ ^ (byte % width);
      const shared_address at = tile + (byte / width * panel::bytes + u32(step) * step_lines * width);
      if constexpr (bytes == 2) {
        arch::ldmatrix<true>(to, at + own);
      } else {
        // No instruction transposes 32-bit elements: each register is loaded by itself.
        GEMMACT_UNROLL
        for (u32 r = 0; r < 4; ++r) {
          const u32 upper_rows = which == side::a ? r % 2 : r / 2, upper_k = which == side::a ? r / 2 : r % 2;
          to[int(r)] = arch::load_shared<u32>(at + (own ^ (32 * upper_rows) ^ swizzle<width>(upper_k * 4 * width)));
        }
      }
    }
  }

 private:
  static constexpr u32 bytes = operand_bytes<T>;
  static_assert(along_k || bytes >= 2, "no instruction transposes bytes");
  using panel = panels<rows, span, bytes>;
  static constexpr u32 width = along_k ? 128 : panel::width;
  u32 offset_;  // of the row whose address this lane gives, or of the element that it loads
};

}  // namespace gemmact::tile

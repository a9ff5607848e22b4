// The bits of a row as a warp has them between memory and the strips of wgmma's sums.
#pragma once
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::tile {

// Of `slices` slices of 32 columns, a word each: four lanes beside each other have as many words of a row each, side by side,
// so that they come and go in whole sectors, however far apart in time the slices are.
template <int slices>
class bit_row {
 public:
  struct place {
    u32 batch, row, col;  // of the first slice
    u32 m, n;             // of the matrix, in bits; nothing outside of it is touched
  };

  GEMMACT_FN void load(const matrix_view& bits, const place& at) {
    each_word(
        bits, at, [&](int i, global_address from) { words_[i] = arch::load_global<u32>(from); },
        [&](global_address from) { both(arch::load_global<array<u32, 2>>(from)); });
  }
  GEMMACT_FN void store(const matrix_view& bits, const place& at) const {
    each_word(
        bits, at, [&](int i, global_address to) { arch::store_global(to, words_[i]); },
        [&](global_address to) {
          arch::store_global(to, array<u32, 2>{{words_[0], words_[most - 1]}});
        });
  }

  // The whole warp asks; the four lanes of a row get its word.
  GEMMACT_FN u32 of(int slice) const {
    return arch::shuffle(words_[slice % most], (arch::lane_index() & ~3u) | u32(slice / most));
  }
  // All four lanes have it.
  GEMMACT_FN void set(int slice, u32 word) {
    if (lane() == u32(slice / most)) words_[slice % most] = word;
  }

 private:
  static constexpr int most = (slices + 3) / 4;  // words of a lane
  static_assert(most <= 2);
  static GEMMACT_FN u32 lane() { return arch::lane_index() % 4; }
  GEMMACT_FN void both(const array<u32, 2>& two) { words_[0] = two[0], words_[most - 1] = two[1]; }

  template <class One, class Two>
  GEMMACT_FN void each_word(const matrix_view& bits, const place& at, const One& one, const Two& two) const {
    const u32 own = lane() * u32(most), first = at.col / 32 + own, count = (at.n + 31) / 32;
    const global_address from =
        bits.base + (i64(at.batch) * bits.batch_stride + i64(at.row) * bits.row_stride + i64(first)) * 4;
    if (at.row >= at.m) return;
    if (most == 2 && slices % 2 == 0 && bits.vector != 0 && own + 1 < u32(slices) && first + 1 < count)
      return two(from);
    GEMMACT_UNROLL
    for (int i = 0; i < most; ++i)
      if (own + u32(i) < u32(slices) && first + u32(i) < count) one(i, from + 4 * i);
  }

  array<u32, most> words_{};
};

}  // namespace gemmact::tile

// What the backward pass will need of a layer, beside its output.
#pragma once
#include "kernels/activation/activation.hpp"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// The value as it is here, rounded to T: z before activate, f(z) after it.
template <class T>
struct keep {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    tile::store_strip<T>(tile::place<T>(p.kept, s.row, s.col), p.kept.vector != 0, s);
  }
};

// The side of the breakpoint, a bit an element: element j of a row is bit j mod 32 of word j / 32, and what is past the
// row's end is 0. Before activate. `kept.row_stride` is in words.
template <class Act>
struct keep_bit {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    const Act f = activation::make<Act>(p.activation);
    u32 bits = 0;
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) bits |= u32(u32(j) < s.valid && f.bit(s.value[j])) << j;
    u32 word = bits << (s.col % 32);
    word |= arch::shuffle_xor(word, 1u);
    word |= arch::shuffle_xor(word, 2u);
    if (s.valid != 0 && s.col % 32 == 0)
      arch::store_global(p.kept.base + (i64(s.row) * p.kept.row_stride + s.col / 32) * 4, word);
  }
};

}  // namespace gemmact::epilogue

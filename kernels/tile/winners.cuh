// dY of a maxout counts for the product that has won: where a tile of indices, copied as the tile of dY is, has its number.
#pragma once
#include "kernels/arch/shared/shared.cuh"
#include "kernels/base/array.hpp"
#include "kernels/tile/tile_loader.cuh"

namespace gemmact::tile {

// Two loaders whose threads have the same elements: values, and for each of them a byte.
template <class Values, class Indices, u32 element_bytes>
struct winners {
  static constexpr u32 elems = Indices::piece_bytes;  // of a piece
  static_assert(elems % 4 == 0 && Values::piece_bytes == elems * element_bytes && Values::count == Indices::count,
                "pieces of whole words");

  // Of the pieces that this thread has copied, and that have landed, the elements whose index is another become 0.
  static GEMMACT_FN void mask(shared_address values, shared_address indices, u32 number) {
    if (!Values::has_line()) return;
    GEMMACT_UNROLL
    for (int i = 0; i < Values::count; ++i) {
      const shared_address at = values + Values::offset(i);
      auto words = load<int(Values::piece_bytes / 4)>(at);
      const auto bytes = load<int(elems / 4)>(indices + Indices::offset(i));
      GEMMACT_UNROLL
      for (int w = 0; w < words.size; ++w) words[w] &= kept(bytes, w, number);
      store(at, words);
    }
  }

 private:
  static constexpr u32 in_word = 4 / element_bytes;

  template <int count>
  static GEMMACT_FN array<u32, count> load(shared_address from) {
    if constexpr (count == 1) return {{arch::load_shared<u32>(from)}};
    else return arch::load_shared<array<u32, count>>(from);
  }
  template <int count>
  static GEMMACT_FN void store(shared_address to, const array<u32, count>& words) {
    if constexpr (count == 1) arch::store_shared(to, words[0]);
    else arch::store_shared(to, words);
  }

  // The bits of word `w` of the piece that stay.
  template <int count>
  static GEMMACT_FN u32 kept(const array<u32, count>& bytes, int w, u32 number) {
    constexpr u32 element = element_bytes == 4 ? ~0u : (1u << (8 * element_bytes % 32)) - 1;
    u32 all = 0;
    GEMMACT_UNROLL
    for (u32 e = 0; e < in_word; ++e) {
      const u32 at = u32(w) * in_word + e, index = bytes[int(at / 4)] >> (8 * (at % 4)) & 0xff;
      all |= index == number ? element << (8 * element_bytes * e) : 0u;
    }
    return all;
  }
};

}  // namespace gemmact::tile

// Strips of kernels that multiply nothing: what was kept comes in registers beside the value, as it lies in memory, so that
// it can have been loaded long before it is needed. Eight lanes beside each other have 64 columns of a row.
#pragma once
#include "kernels/tile/strip.cuh"

namespace gemmact::tile {

// Eight elements of `size` bytes each, or (0) the word that has a strip's bits.
template <u32 size>
using fetched = array<u32, size == 0 ? 1 : int(2 * size)>;

inline constexpr u32 most_fetched = 2;  // matrices

struct fetched_strip : strip_of<neighbours_of_eight> {
  array<u32, 8> kept[most_fetched];
};
using fetched_place = strip_place_of<neighbours_of_eight>;

template <u32 size>
GEMMACT_FN u32 load_unit(global_address at) {
  if constexpr (size == 1) return arch::load_global<u8>(at);
  else if constexpr (size == 2) return arch::load_global<u16>(at);
  else return arch::load_global<u32>(at);
}

// The strip's elements of a matrix; `whole`: all of them are side by side, aligned, and inside of it, or none of them is.
// What lies outside is 0.
template <u32 size, bool whole>
GEMMACT_FN fetched<size> fetch(const matrix_view& m, const fetched_place& s, u32 row) {
  fetched<size> words{};
  const i64 first = i64(s.batch) * m.batch_stride + i64(row) * m.row_stride;
  if constexpr (size == 0) {
    if (s.valid != 0) words[0] = arch::load_global<u32>(m.base + (first + s.col / 32) * 4);
  } else {
    const global_address at = m.base + (first + i64(s.col) * m.col_stride) * i64(size);
    if constexpr (whole) {
      if (s.valid == 0) return words;
      if constexpr (size == 1) {
        words = arch::load_global<array<u32, 2>>(at);
      } else {
        GEMMACT_UNROLL
        for (int part = 0; part < int(size / 2); ++part) {
          const auto four = arch::load_global<array<u32, 4>>(at + 16 * part);
          GEMMACT_UNROLL
          for (int w = 0; w < 4; ++w) words[4 * part + w] = four[w];
        }
      }
    } else {
      constexpr int in_word = 4 / int(size);
      each_element<array<u8, int(size)>>(m, at, s, [&](int j, global_address one) {
        words[j / in_word] |= load_unit<size>(one) << (8 * size * u32(j % in_word));
      });
    }
  }
  return words;
}

// Calls `take(j, value)` for each of a strip's elements of type T.
template <class T, class Take>
GEMMACT_FN void take_fetched(const auto& words, const Take& take) {
  if constexpr (same<T, float>) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) take(j, bit_cast<float>(words[j]));
  } else {
    array<u32, int(2 * sizeof(T))> own;
    GEMMACT_UNROLL
    for (int w = 0; w < own.size; ++w) own[w] = words[w];
    unpack_run<T, int(strip_width)>(own, take);
  }
}

}  // namespace gemmact::tile

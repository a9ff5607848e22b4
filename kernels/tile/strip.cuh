// What an epilogue works on: some neighbouring columns of one row of the output, in f32, and how they are read and
// written.
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/base/array.hpp"
#include "kernels/base/float_types.hpp"
#include "kernels/base/same.hpp"
#include "kernels/tile/matrix_view.hpp"
#include "kernels/tile/strip_layout.hpp"

namespace gemmact::tile {

struct strip {
  u32 row, col;  // of the first column, a multiple of strip_width
  u32 valid;     // columns that lie inside of the matrix; 0 outside
  array<float, strip_width> value;
};

template <class T>
GEMMACT_FN array<float, 2> unpack(u32 two) {
  if constexpr (same<T, f16_bits>) return arch::unpack_f16(two);
  else return arch::unpack_bf16(two);
}
template <class T>
GEMMACT_FN u32 pack(float low, float high) {
  if constexpr (same<T, f16_bits>) return arch::pack_f16(low, high);
  else return arch::pack_bf16(low, high);
}

// One element, in a unit of its size.
template <class T>
GEMMACT_FN float load_element(global_address at) {
  if constexpr (same<T, float>) return arch::load_global<float>(at);
  else return to_float(T{arch::load_global<u16>(at)});
}
template <class T>
GEMMACT_FN void store_element(global_address at, float value) {
  if constexpr (same<T, float>) arch::store_global(at, value);
  else arch::store_global(at, u16(pack<T>(value, 0.0f)));
}

// Calls `take(j, value)` for each valid column j of the strip at `at`.
template <class T, class Take>
GEMMACT_FN void load_strip(global_address at, bool vector, u32 valid, const Take& take) {
  if (vector && valid == strip_width) {
    if constexpr (same<T, float>) {
      GEMMACT_UNROLL
      for (int half = 0; half < 2; ++half) {
        const auto four = arch::load_global<array<float, 4>>(at + 16 * half);
        GEMMACT_UNROLL
        for (int j = 0; j < 4; ++j) take(4 * half + j, four[j]);
      }
    } else {
      const auto words = arch::load_global<array<u32, 4>>(at);
      GEMMACT_UNROLL
      for (int pair = 0; pair < 4; ++pair) {
        const array<float, 2> two = unpack<T>(words[pair]);
        take(2 * pair, two[0]);
        take(2 * pair + 1, two[1]);
      }
    }
    return;
  }
  GEMMACT_UNROLL
  for (int j = 0; j < int(strip_width); ++j)
    if (u32(j) < valid) take(j, load_element<T>(at + i64(j * sizeof(T))));
}

template <class T>
GEMMACT_FN void store_strip(global_address at, bool vector, const strip& s) {
  if (vector && s.valid == strip_width) {
    if constexpr (same<T, float>) {
      GEMMACT_UNROLL
      for (int half = 0; half < 2; ++half) {
        const int j = 4 * half;
        arch::store_global(at + 4 * j, array<float, 4>{{s.value[j], s.value[j + 1], s.value[j + 2], s.value[j + 3]}});
      }
    } else {
      array<u32, 4> words;
      GEMMACT_UNROLL
      for (int pair = 0; pair < 4; ++pair) words[pair] = pack<T>(s.value[2 * pair], s.value[2 * pair + 1]);
      arch::store_global(at, words);
    }
    return;
  }
  GEMMACT_UNROLL
  for (int j = 0; j < int(strip_width); ++j)
    if (u32(j) < s.valid) store_element<T>(at + i64(j * sizeof(T)), s.value[j]);
}

template <class T>
GEMMACT_FN global_address place(const matrix_view& m, u32 row, u32 col) {
  return m.base + (i64(row) * m.row_stride + col) * i64(sizeof(T));
}

}  // namespace gemmact::tile

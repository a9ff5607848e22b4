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

// Columns of the output that strips have.
struct strip_place {
  u32 batch;  // entry
  u32 col;    // the first column, a multiple of strip_width
  u32 valid;  // columns that lie inside of the matrix; 0 outside
};

struct strip : strip_place {
  u32 row;
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
  else if constexpr (same<T, e4m3_bits>) return arch::unpack_e4m3(arch::load_global<u8>(at))[0];
  else return unpack<T>(arch::load_global<u16>(at))[0];
}
template <class T>
GEMMACT_FN void store_element(global_address at, float value) {
  if constexpr (same<T, float>) arch::store_global(at, value);
  else if constexpr (same<T, e4m3_bits>) arch::store_global(at, u8(arch::pack_e4m3(value, 0.0f)));
  else arch::store_global(at, u16(pack<T>(value, 0.0f)));
}

template <class T>
GEMMACT_FN global_address place(const matrix_view& m, u32 batch, u32 row, u32 col) {
  return m.base + (i64(batch) * m.batch_stride + i64(row) * m.row_stride + i64(col) * m.col_stride) * i64(sizeof(T));
}
template <class T>
GEMMACT_FN global_address place(const matrix_view& m, const strip& s) {
  return place<T>(m, s.batch, s.row, s.col);
}

// Calls `take(j, value)` for each valid column j of the strip at `at`.
template <class T, class Take>
GEMMACT_FN void load_strip(const matrix_view& m, global_address at, u32 valid, const Take& take) {
  if (m.vector != 0 && valid == strip_width) {
    if constexpr (same<T, float>) {
      GEMMACT_UNROLL
      for (int half = 0; half < 2; ++half) {
        const auto four = arch::load_global<array<float, 4>>(at + 16 * half);
        GEMMACT_UNROLL
        for (int j = 0; j < 4; ++j) take(4 * half + j, four[j]);
      }
    } else if constexpr (same<T, e4m3_bits>) {
      const auto words = arch::load_global<array<u32, 2>>(at);
      GEMMACT_UNROLL
      for (int pair = 0; pair < 4; ++pair) {
        const array<float, 2> two = arch::unpack_e4m3(u16(words[pair / 2] >> (16 * (pair % 2))));
        take(2 * pair, two[0]);
        take(2 * pair + 1, two[1]);
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
  const i64 step = m.col_stride * i64(sizeof(T));
  GEMMACT_UNROLL
  for (int j = 0; j < int(strip_width); ++j)
    if (u32(j) < valid) take(j, load_element<T>(at + j * step));
}

template <class T>
GEMMACT_FN void store_strip(const matrix_view& m, const strip& s) {
  const global_address at = place<T>(m, s);
  const auto& v = s.value;
  if (m.vector != 0 && s.valid == strip_width) {
    if constexpr (same<T, float>) {
      GEMMACT_UNROLL
      for (int j = 0; j < int(strip_width); j += 4)
        arch::store_global(at + 4 * j, array<float, 4>{{v[j], v[j + 1], v[j + 2], v[j + 3]}});
    } else if constexpr (same<T, e4m3_bits>) {
      array<u32, 2> words;
      GEMMACT_UNROLL
      for (int w = 0; w < 2; ++w) {
        const u32 high = arch::pack_e4m3(v[4 * w + 2], v[4 * w + 3]);
        words[w] = arch::pack_e4m3(v[4 * w], v[4 * w + 1]) | high << 16;
      }
      arch::store_global(at, words);
    } else {
      array<u32, 4> words;
      GEMMACT_UNROLL
      for (int pair = 0; pair < 4; ++pair) words[pair] = pack<T>(v[2 * pair], v[2 * pair + 1]);
      arch::store_global(at, words);
    }
    return;
  }
  const i64 step = m.col_stride * i64(sizeof(T));
  GEMMACT_UNROLL
  for (int j = 0; j < int(strip_width); ++j)
    if (u32(j) < s.valid) store_element<T>(at + j * step, v[j]);
}

}  // namespace gemmact::tile

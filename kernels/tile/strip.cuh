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
template <class Columns>
struct strip_place_of {
  using columns = Columns;
  u32 batch;        // entry
  u32 col;          // the first column
  u32 valid;        // columns from there on that lie inside of the matrix, at most Columns::reach; 0 outside
  u32 product = 0;  // of a gated pair or a maxout: whose tensors are meant

  GEMMACT_FN static strip_place_of make(u32 batch, u32 col, u32 width, u32 product = 0) {
    const u32 left = col < width ? width - col : 0;
    return {batch, col, left < Columns::reach ? left : Columns::reach, product};
  }
  GEMMACT_FN static constexpr u32 at(int j) { return Columns::at(u32(j)); }
  GEMMACT_FN bool has(int j) const { return at(j) < valid; }
};

template <class Columns>
struct strip_of : strip_place_of<Columns> {
  u32 row;
  array<float, int(strip_width)> value;
};

// Of a gated pair or a maxout: beside the value that steps work on, the sums of each product.
template <class Strip, int count>
struct strip_of_products : Strip {
  array<float, int(strip_width)> of[count];
};

using strip_place = strip_place_of<neighbours>;
using strip = strip_of<neighbours>;

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

// The same of e4m3, and of small numbers that are kept as they are.
template <class T>
GEMMACT_FN array<float, 2> unpack_bytes(u16 two) {
  if constexpr (same<T, u8>) return {{float(two & 0xff), float(two >> 8)}};
  else return arch::unpack_e4m3(two);
}
template <class T>
GEMMACT_FN u32 pack_bytes(float low, float high) {
  if constexpr (same<T, u8>) return u32(low) | u32(high) << 8;
  else return arch::pack_e4m3(low, high);
}

// One element, in a unit of its size.
template <class T>
GEMMACT_FN float load_element(global_address at) {
  if constexpr (same<T, float>) return arch::load_global<float>(at);
  else if constexpr (same<T, u8>) return float(arch::load_global<u8>(at));
  else if constexpr (same<T, e4m3_bits>) return arch::unpack_e4m3(arch::load_global<u8>(at))[0];
  else return unpack<T>(arch::load_global<u16>(at))[0];
}
template <class T>
GEMMACT_FN void store_element(global_address at, float value) {
  if constexpr (same<T, float>) arch::store_global(at, value);
  else if constexpr (same<T, u8>) arch::store_global(at, u8(value));
  else if constexpr (same<T, e4m3_bits>) arch::store_global(at, u8(arch::pack_e4m3(value, 0.0f)));
  else arch::store_global(at, u16(pack<T>(value, 0.0f)));
}

template <class T>
GEMMACT_FN global_address place(const matrix_view& m, u32 batch, u32 row, u32 col) {
  return m.base + (i64(batch) * m.batch_stride + i64(row) * m.row_stride + i64(col) * m.col_stride) * i64(sizeof(T));
}
template <class T, class Columns>
GEMMACT_FN global_address place(const matrix_view& m, const strip_of<Columns>& s) {
  return place<T>(m, s.batch, s.row, s.col);
}

// `count` elements of 16 bits or 8 as they lie in memory. Calls `take(j, value)` for each.
template <class T, int count, class Take>
GEMMACT_FN void unpack_run(const auto& words, const Take& take) {
  GEMMACT_UNROLL
  for (int pair = 0; pair < count / 2; ++pair) {
    array<float, 2> two;
    if constexpr (sizeof(T) == 1) two = unpack_bytes<T>(u16(words[pair / 2] >> (16 * (pair % 2))));
    else two = unpack<T>(words[pair]);
    take(2 * pair, two[0]);
    take(2 * pair + 1, two[1]);
  }
}

// `count` elements side by side: 2, or a strip's width. Calls `take(j, value)` for each.
template <class T, int count, class Take>
GEMMACT_FN void load_run(global_address at, const Take& take) {
  if constexpr (same<T, float>) {
    constexpr int wide = count < 4 ? count : 4;
    GEMMACT_UNROLL
    for (int first = 0; first < count; first += wide) {
      const auto some = arch::load_global<array<float, wide>>(at + 4 * first);
      GEMMACT_UNROLL
      for (int j = 0; j < wide; ++j) take(first + j, some[j]);
    }
  } else {
    array<u32, count* int(sizeof(T)) < 8 ? 1 : count* int(sizeof(T)) / 4> words;
    if constexpr (count * sizeof(T) == 2) words[0] = arch::load_global<u16>(at);
    else if constexpr (count * sizeof(T) == 4) words[0] = arch::load_global<u32>(at);
    else words = arch::load_global<array<u32, count* int(sizeof(T)) / 4>>(at);
    unpack_run<T, count>(words, take);
  }
}

template <class T, int count>
GEMMACT_FN void store_run(global_address at, const float* v) {
  if constexpr (same<T, float>) {
    constexpr int wide = count < 4 ? count : 4;
    GEMMACT_UNROLL
    for (int first = 0; first < count; first += wide) {
      array<float, wide> some;
      GEMMACT_UNROLL
      for (int j = 0; j < wide; ++j) some[j] = v[first + j];
      arch::store_global(at + 4 * first, some);
    }
  } else if constexpr (sizeof(T) == 1) {
    if constexpr (count == 2) {
      arch::store_global(at, u16(pack_bytes<T>(v[0], v[1])));
    } else {
      array<u32, count / 4> words;
      GEMMACT_UNROLL
      for (int w = 0; w < count / 4; ++w) {
        const u32 high = pack_bytes<T>(v[4 * w + 2], v[4 * w + 3]);
        words[w] = pack_bytes<T>(v[4 * w], v[4 * w + 1]) | high << 16;
      }
      arch::store_global(at, words);
    }
  } else {
    if constexpr (count == 2) {
      arch::store_global(at, pack<T>(v[0], v[1]));
    } else {
      array<u32, count / 2> words;
      GEMMACT_UNROLL
      for (int pair = 0; pair < count / 2; ++pair) words[pair] = pack<T>(v[2 * pair], v[2 * pair + 1]);
      arch::store_global(at, words);
    }
  }
}

// Calls `visit(j, address)` for each element j inside of the matrix; `at` is the first one's. From one to the next by addition:
// multiples of the stride would be kept in registers.
template <class T, class Columns, class Visit>
GEMMACT_FN void each_element(const matrix_view& m, global_address at, const strip_place_of<Columns>& s,
                             const Visit& visit) {
  const i64 step = m.col_stride * i64(sizeof(T));
  GEMMACT_UNROLL
  for (int j = 0; j < int(strip_width); ++j) {
    if (s.has(j)) visit(j, at);
    at = at + i64(Columns::at(u32(j) + 1) - Columns::at(u32(j))) * step;
  }
}

// Calls `take(j, value)` for each value j inside of the matrix; `at` is the first one's.
template <class T, class Columns, class Take>
GEMMACT_FN void load_strip(const matrix_view& m, global_address at, const strip_place_of<Columns>& s,
                           const Take& take) {
  if (m.vector != 0 && s.valid == Columns::reach) {
    constexpr int run = int(Columns::run);
    GEMMACT_UNROLL
    for (int first = 0; first < int(strip_width); first += run)
      load_run<T, run>(at + i64(Columns::at(u32(first)) * sizeof(T)), [&](int j, float v) { take(first + j, v); });
    return;
  }
  each_element<T>(m, at, s, [&](int j, global_address one) { take(j, load_element<T>(one)); });
}

template <class T, class Columns>
GEMMACT_FN void store_strip(const matrix_view& m, const strip_of<Columns>& s) {
  const global_address at = place<T>(m, s);
  if (m.vector != 0 && s.valid == Columns::reach) {
    constexpr int run = int(Columns::run);
    GEMMACT_UNROLL
    for (int first = 0; first < int(strip_width); first += run)
      store_run<T, run>(at + i64(Columns::at(u32(first)) * sizeof(T)), s.value.values + first);
    return;
  }
  each_element<T>(m, at, s, [&](int j, global_address one) { store_element<T>(one, s.value[j]); });
}

}  // namespace gemmact::tile

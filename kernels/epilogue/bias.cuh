#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// z += b: one value a column, a row, or one in all, of type T.
template <class T>
struct bias_per_column {
  static GEMMACT_FN void apply(const params& p, tile::strip& s) {
    const global_address at = p.bias + i64(s.col) * i64(sizeof(T));
    tile::load_strip<T>(at, p.bias_vector != 0, s.valid, [&](int j, float b) { s.value[j] += b; });
  }
};

template <class T>
struct bias_per_row {
  static GEMMACT_FN void apply(const params& p, tile::strip& s) {
    if (s.valid == 0) return;
    const float b = tile::load_element<T>(p.bias + i64(s.row) * i64(sizeof(T)));
#pragma unroll
    for (int j = 0; j < int(tile::strip_width); ++j) s.value[j] += b;
  }
};

template <class T>
struct bias_scalar {
  static GEMMACT_FN void apply(const params& p, tile::strip& s) {
    if (s.valid == 0) return;
    const float b = tile::load_element<T>(p.bias);
#pragma unroll
    for (int j = 0; j < int(tile::strip_width); ++j) s.value[j] += b;
  }
};

}  // namespace gemmact::epilogue

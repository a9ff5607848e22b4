#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// z += b, of type T: one value a column, a row, one in all, or one each.
template <class T>
struct bias_per_column {
  array<float, tile::strip_width> values;

  GEMMACT_FN void begin(const params& p, u32 col, u32 valid) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) values[j] = 0.0f;
    const global_address at = tile::place<T>(p.bias, 0, col);
    tile::load_strip<T>(at, p.bias.vector != 0, valid, [&](int j, float b) { values[j] = b; });
  }
  GEMMACT_FN void apply(const params&, tile::strip& s) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) s.value[j] += values[j];
  }
};

template <class T>
struct bias_scalar {
  float value;
  GEMMACT_FN void begin(const params& p, u32, u32) { value = tile::load_element<T>(p.bias.base); }
  GEMMACT_FN void apply(const params&, tile::strip& s) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) s.value[j] += value;
  }
};

template <class T>
struct bias_per_row {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    if (s.valid == 0) return;
    const float b = tile::load_element<T>(tile::place<T>(p.bias, s.row, 0));
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) s.value[j] += b;
  }
};

template <class T>
struct bias_each {
  GEMMACT_FN void apply(const params& p, tile::strip& s) {
    tile::load_strip<T>(tile::place<T>(p.bias, s.row, s.col), p.bias.vector != 0, s.valid,
                        [&](int j, float b) { s.value[j] += b; });
  }
};

}  // namespace gemmact::epilogue

#pragma once
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

using tile::spread, tile::strip_width;

// A tensor of type T as a strip sees it: begin() reads what all rows of some columns share, row() what is the strip's own,
// [j] is the value at its column j. Columns outside of the matrix have 0.
template <class T, spread how>
struct values;

template <class T>
struct values<T, spread::scalar> {
  float one;
  GEMMACT_FN void begin(const tile::matrix_view& m, const auto& s) {
    one = tile::load_element<T>(tile::place<T>(m, s.batch, 0, 0));
  }
  GEMMACT_FN void row(const tile::matrix_view&, const auto&) {}
  GEMMACT_FN float operator[](int) const { return one; }
};

template <class T>
struct values<T, spread::per_column> {
  array<float, strip_width> all;
  GEMMACT_FN void begin(const tile::matrix_view& m, const auto& s) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) all[j] = 0.0f;
    tile::load_strip<T>(m, tile::place<T>(m, s.batch, 0, s.col), s, [&](int j, float v) { all[j] = v; });
  }
  GEMMACT_FN void row(const tile::matrix_view&, const auto&) {}
  GEMMACT_FN float operator[](int j) const { return all[j]; }
};

template <class T>
struct values<T, spread::per_row> {
  float one;
  GEMMACT_FN void begin(const tile::matrix_view&, const auto&) {}
  GEMMACT_FN void row(const tile::matrix_view& m, const auto& s) {
    one = s.valid == 0 ? 0.0f : tile::load_element<T>(tile::place<T>(m, s.batch, s.row, 0));
  }
  GEMMACT_FN float operator[](int) const { return one; }
};

template <class T>
struct values<T, spread::each> {
  array<float, strip_width> all;
  GEMMACT_FN void begin(const tile::matrix_view&, const auto&) {}
  GEMMACT_FN void row(const tile::matrix_view& m, const auto& s) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) all[j] = 0.0f;
    tile::load_strip<T>(m, tile::place<T>(m, s), s, [&](int j, float v) { all[j] = v; });
  }
  GEMMACT_FN float operator[](int j) const { return all[j]; }
};

}  // namespace gemmact::epilogue

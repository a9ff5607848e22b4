// What a layer kept for its backward, as the steps that take a derivative read it.
#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/epilogue/stage.cuh"
#include "kernels/epilogue/values.cuh"
#include "kernels/tile/fetched_strip.cuh"

namespace gemmact::epilogue {

enum class form : u8 { nothing, bit, output, z, index };

// Where it is when the step is done: in global memory; in shared memory, where TMA has brought it (16 bits), of a pair the
// first one's or (staged_pair) both; in registers of the strip. Bits are in registers of strips that have a place for them.
enum class held : u8 { in_memory, staged, staged_pair, fetched };

// Of one strip: row() reads it, grad(f, j) is the derivative of f at column j. Columns outside of the matrix have 0.
template <form what, class T = float, held where = held::in_memory>
struct kept {
  array<float, int(strip_width)> all;

  GEMMACT_FN void row(const params& p, const auto& s, [[maybe_unused]] u32 product = 0) {
    const auto take = [&](int j, float v) { all[j] = v; };
    if constexpr (where == held::fetched) {
      tile::take_fetched<T>(s.kept[product], take);
    } else {
      if constexpr (where == held::staged || where == held::staged_pair) {
        if (product == 0) return staged_values<T>(s.y).each(take);
        if constexpr (where == held::staged_pair) return staged_values<T>(s.kept).each(take);
      }
      values<T, spread::each> in_memory;
      const tile::matrix_view from = p.at<&params::kept>(product);
      in_memory.row(from, s);
      all = in_memory.all;
    }
  }
  GEMMACT_FN float operator[](int j) const { return all[j]; }
  template <class Act>
  GEMMACT_FN float grad(const Act& f, int j) const {
    if constexpr (what == form::output) return f.grad_from_output(all[j]);
    else return f.grad(all[j]);
  }
};

template <>
struct kept<form::nothing> {
  GEMMACT_FN void row(const params&, const auto&) {}
  template <class Act>
  GEMMACT_FN float grad(const Act& f, int) const {
    return f.grad(0.0f);  // the same everywhere
  }
};

template <held where>
struct kept<form::bit, float, where> {
  array<bool, int(strip_width)> own;

  GEMMACT_FN static constexpr bool reads_bits() { return true; }
  GEMMACT_FN void row(const params& p, const auto& s) {
    u32 word = 0;
    if constexpr (where == held::fetched) word = s.kept[0][0];
    else if constexpr (requires { s.bits; }) word = s.bits;
    else if (s.valid != 0) word = arch::load_global<u32>(tile::place<u32>(p.kept, s.batch, s.row, s.col / 32));
    word >>= s.col % 32;
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) own[j] = (word >> s.at(j) & 1) != 0;
  }
  template <class Act>
  GEMMACT_FN float grad(const Act& f, int j) const {
    return f.grad_from_bit(own[j]);
  }
};

}  // namespace gemmact::epilogue

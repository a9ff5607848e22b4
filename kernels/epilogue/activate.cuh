#pragma once
#include "kernels/activation/activation.hpp"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/epilogue/values.cuh"

namespace gemmact::epilogue {

// Where a parameter of a function comes from: the problem, or a tensor (a learned slope, a target).
struct number {
  GEMMACT_FN void begin(const params&, int, const auto&) {}
  GEMMACT_FN void row(const params&, int, const auto&) {}
  GEMMACT_FN float get(const params& p, int i, int) const { return p.number[i]; }
};
template <class T, spread how>
struct tensor {
  values<T, how> v;
  GEMMACT_FN void begin(const params& p, int i, const auto& s) { v.begin(p.param[i], s); }
  GEMMACT_FN void row(const params& p, int i, const auto& s) { v.row(p.param[i], s); }
  GEMMACT_FN float get(const params&, int, int j) const { return v[j]; }
};

// A source for each parameter, in their order; with none, all are numbers.
template <class... From>
struct sources {
  static constexpr bool numbers = true;
  GEMMACT_FN void begin(const params&, const auto&, int = 0) {}
  GEMMACT_FN void row(const params&, const auto&, int = 0) {}
  GEMMACT_FN void get(const params&, int, float*, int = 0) const {}
};
template <class First, class... Rest>
struct sources<First, Rest...> {
  static constexpr bool numbers = false;
  First first;
  sources<Rest...> rest;
  GEMMACT_FN void begin(const params& p, const auto& s, int i = 0) { first.begin(p, i, s), rest.begin(p, s, i + 1); }
  GEMMACT_FN void row(const params& p, const auto& s, int i = 0) { first.row(p, i, s), rest.row(p, s, i + 1); }
  GEMMACT_FN void get(const params& p, int j, float* to, int i = 0) const {
    to[i] = first.get(p, i, j), rest.get(p, j, to, i + 1);
  }
};

// The function of a strip's column j.
template <class Act, class From>
GEMMACT_FN Act function_at(const From& from, const params& p, int j) {
  if constexpr (From::numbers) {
    return activation::make<Act>(p.number);
  } else {
    float parameters[activation::max_params];
    from.get(p, j, parameters);
    return activation::make<Act>(parameters);
  }
}

// f(z). What else needs both f and z (below) is done before.
struct keep_bit;
template <class Act, class From = sources<>, class... Before>
struct activate {
  GEMMACT_FN static constexpr bool keeps_bits() { return (false || ... || same<Before, keep_bit>); }
  From from;

  GEMMACT_FN void begin(const params& p, const auto& s) { from.begin(p, s); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    from.row(p, s);
    const auto f = [&](int j) { return function_at<Act>(from, p, j); };
    (Before::apply(p, s, f), ...);
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) s.value[j] = f(j)(s.value[j]);
  }
};

// The side of the breakpoint, a bit an element: element j of a row is bit j mod 32 of word j / 32, and what is past the
// row's end is 0. Strips that have a place for the word take it there.
struct keep_bit {
  template <class F>
  GEMMACT_FN static void apply(const params& p, auto& s, const F& f) {
    u32 bits = 0;
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) bits |= u32(s.has(j) && f(j).bit(s.value[j])) << s.at(j);
    u32 word = bits << (s.col % 32);
    word |= arch::shuffle_xor(word, 1u);
    word |= arch::shuffle_xor(word, 2u);
    if constexpr (requires { s.bits; }) s.bits = word;
    else if (s.valid != 0 && s.col % 32 == 0)
      arch::store_global(tile::place<u32>(p.kept, s.batch, s.row, s.col / 32), word);
  }
};

// 1 - f(z), of a two-class head, rounded to T.
template <class T>
struct other {
  template <class F>
  GEMMACT_FN static void apply(const params& p, const auto& s, const F& f) {
    auto o = s;
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) o.value[j] = f(j).other(s.value[j]);
    tile::store_strip<T>(p.y_other, o);
  }
};

}  // namespace gemmact::epilogue

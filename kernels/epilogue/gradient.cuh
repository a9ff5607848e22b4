// Backward: what comes in is dY, what goes on is dZ = dY f'(.), and what is summed over the rows is dZ as it is in f32, and
// dY df/dp for parameters p. Where a derivative is 0 the product is exactly 0, whatever dY is.
#pragma once
#include "kernels/epilogue/activate.cuh"
#include "kernels/epilogue/chain.cuh"
#include "kernels/epilogue/kept.cuh"
#include "kernels/epilogue/lane_sums.cuh"

namespace gemmact::epilogue {

// Which sums are wanted, in this order: of the dZ of the products whose bit is set, then of each of the parameters.
template <u32 products, int... parameters>
struct summed {
  GEMMACT_FN static constexpr bool has(u32 product) { return (products >> product & 1) != 0; }
  // How many sums of products there are below one: its own number, if it has one.
  GEMMACT_FN static constexpr int number(u32 product) {
    int sum = 0;
    for (u32 below = 0; below < product; ++below) sum += int(has(below));
    return sum;
  }
  static constexpr int of_products = number(max_products), count = of_products + int(sizeof...(parameters));
};

GEMMACT_FN float times_derivative(float dy, float df) { return df == 0.0f ? 0.0f : dy * df; }

// The part of the sums that plain layers and gates share: of parameters whose numbers are `which`.
template <u32 products, int... which>
GEMMACT_FN void add_parameters(lane_sums<summed<products, which...>::count>& sum, summed<products, which...>,
                               const auto& s, const auto& f, int j, float dy, [[maybe_unused]] float z) {
  int i = summed<products, which...>::of_products;
  ((sum.add(i, s, j, times_derivative(dy, f.param_grad(which, z))), ++i), ...);
}

template <class Act, class Kept, class From = sources<>, class Summed = summed<0>>
struct gradient {
  static constexpr int sums = Summed::count;
  GEMMACT_FN static constexpr bool reads_bits() { return reads_bits_of<Kept>(); }
  From from;
  lane_sums<sums> sum;

  GEMMACT_FN void begin(const params& p, const auto& s) { from.begin(p, s), sum.clear(); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    Kept kept;
    from.row(p, s);
    kept.row(p, s);
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) {
      const Act f = function_at<Act>(from, p, j);
      const float dy = s.value[j];
      s.value[j] = times_derivative(dy, kept.grad(f, j));
      if constexpr (Summed::has(0)) sum.add(0, s, j, s.value[j]);
      if constexpr (sums > Summed::of_products) add_parameters(sum, Summed{}, s, f, j, dy, kept[j]);
    }
  }
  GEMMACT_FN void columns_done(const params&, const auto& s, shared_address to, u32 pitch, bool first) {
    sum.leave(s, to, pitch, first);
  }
};

// Of f(z_0) z_1, both z kept: dZ_1 = dY f(z_0) goes out by Second, dZ_0 = (dY z_1) f'(z_0) goes on.
template <class Act, class Kept, class Second, class From = sources<>, class Summed = summed<0>>
struct gated_gradient {
  static constexpr int sums = Summed::count;
  From from;
  lane_sums<sums> sum;

  GEMMACT_FN void begin(const params& p, const auto& s) { from.begin(p, s), sum.clear(); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    Kept gate, value;
    from.row(p, s);
    gate.row(p, s, 0);
    value.row(p, s, 1);
    auto second = s;
    second.product = 1;
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) {
      const Act f = function_at<Act>(from, p, j);
      const float dy = s.value[j] * value[j];
      second.value[j] = s.value[j] * f(gate[j]);
      s.value[j] = times_derivative(dy, gate.grad(f, j));
      if constexpr (Summed::has(0)) sum.add(0, s, j, s.value[j]);
      if constexpr (Summed::has(1)) sum.add(Summed::number(1), s, j, second.value[j]);
      if constexpr (sums > Summed::of_products) add_parameters(sum, Summed{}, s, f, j, dy, gate[j]);
    }
    Second{}.apply(p, second);
  }
  GEMMACT_FN void columns_done(const params&, const auto& s, shared_address to, u32 pitch, bool first) {
    sum.leave(s, to, pitch, first);
  }
};

// Of a maxout: dZ_i is dY where piece i has won, else 0. Those of them that have a place go to Y, of T; it is the last step.
template <int pieces, class T, class Kept, class Summed = summed<0>>
struct maxout_gradient {
  static constexpr int sums = Summed::count;
  lane_sums<sums> sum;

  GEMMACT_FN void begin(const params&, const auto&) { sum.clear(); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    Kept winner;
    winner.row(p, s);
    auto own = s;
    GEMMACT_UNROLL
    for (int piece = 0; piece < pieces; ++piece) {
      GEMMACT_UNROLL
      for (int j = 0; j < int(strip_width); ++j) {
        own.value[j] = winner[j] == float(piece) ? s.value[j] : 0.0f;
        if constexpr (sums != 0) sum.add(piece, s, j, own.value[j]);
      }
      const tile::matrix_view y = p.at<&params::y>(u32(piece));
      if (!y.base.is_null()) tile::store_strip<T>(y, own);
    }
  }
  GEMMACT_FN void columns_done(const params&, const auto& s, shared_address to, u32 pitch, bool first) {
    sum.leave(s, to, pitch, first);
  }
};

}  // namespace gemmact::epilogue

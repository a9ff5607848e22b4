// Sums over rows of each of a lane's columns, for the strips of one tile.
#pragma once
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

template <int count>
class lane_sums {
 public:
  GEMMACT_FN void clear() {
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) of_[i] = {};
  }

  // What lies outside of the matrix counts nothing.
  GEMMACT_FN void add(int i, const auto& s, int j, float value) { of_[i][j] += s.has(j) ? value : 0.0f; }

  // Adds those of the lanes that have the same columns, in a fixed order, and leaves them in shared memory as
  // columns_done() must (chain.cuh).
  GEMMACT_FN void leave(const auto& s, shared_address to, u32 pitch, bool first) const {
    using columns = typename decltype(columns_of(s))::columns;
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) leave<columns>(of_[i], s.col, to + 4 * (u32(i) * pitch), first);
  }

 private:
  template <class Columns>
  static tile::strip_place_of<Columns> columns_of(const tile::strip_place_of<Columns>&);

  template <class Columns>
  GEMMACT_FN static void leave(const array<float, int(tile::strip_width)>& all, u32 col, shared_address to,
                               bool first) {
    const u32 lane = arch::lane_index();
    const u32 own = col % (Columns::lanes * tile::strip_width);
    static_assert(Columns::lanes == 4 || Columns::lanes == 8, "8 or 4 lanes have the same columns");
    const array<float, 4> four = half<8>(all, 16, lane);
    const array<float, 2> two = half<4>(four, 8, lane);
    const u32 j = lane / 16 % 2 * 4 + lane / 8 % 2 * 2;
    if constexpr (Columns::lanes == 4) {
      store(to, own + Columns::at(j + lane / 4 % 2), half<2>(two, 4, lane)[0], first);
    } else {
      store(to, own + Columns::at(j), two[0], first);
      store(to, own + Columns::at(j + 1), two[1], first);
    }
  }

  // Of two lanes whose numbers differ in a bit, each gets the sums of one half of their columns.
  template <int n>
  GEMMACT_FN static array<float, n / 2> half(const array<float, n>& v, u32 bit, u32 lane) {
    const bool upper = (lane & bit) != 0;
    array<float, n / 2> sum;
    GEMMACT_UNROLL
    for (int j = 0; j < n / 2; ++j) {
      const float kept = upper ? v[j + n / 2] : v[j], given = upper ? v[j] : v[j + n / 2];
      sum[j] = kept + arch::shuffle_xor(given, bit);
    }
    return sum;
  }

  GEMMACT_FN static void store(shared_address to, u32 col, float sum, bool first) {
    const shared_address at = to + 4 * col;
    if (!first) sum = arch::load_shared<float>(at) + sum;
    arch::store_shared(at, sum);
  }

  array<float, int(tile::strip_width)> of_[count];
};

template <>
class lane_sums<0> {
 public:
  GEMMACT_FN void clear() {}
  GEMMACT_FN void add(int, const auto&, int, float) {}
  GEMMACT_FN void leave(const auto&, shared_address, u32, bool) const {}
};

}  // namespace gemmact::epilogue

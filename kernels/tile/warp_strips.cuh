// A warp's accumulators turned into strips: by way of the warp's own piece of shared memory, 16 rows of 32 columns at a
// time, so that four lanes beside each other hold 32 neighbouring columns of a row.
#pragma once
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/fragment.hpp"
#include "kernels/tile/strip.cuh"
#include "kernels/tile/strip_layout.hpp"

namespace gemmact::tile {

struct warp_strips {
  static constexpr u32 rows = strip_rows, cols = strip_cols;
  static constexpr int strips = int(rows * cols / strip_width / 32);  // a lane

  // The four 16x8 fragments `sums[0..4)` of a 16 x 32 slice, to shared memory.
  static GEMMACT_FN void put(shared_address own, const array<float, 4>* sums) {
    const u32 lane = arch::lane_index();
    GEMMACT_UNROLL
    for (int j = 0; j < 4; ++j) {
      GEMMACT_UNROLL
      for (int half = 0; half < 2; ++half) {
        const gemmact::tile_place at = fragment_d(lane, u32(4 * j + 2 * half));
        arch::store_shared(own + strip_offset(at.row, at.col),
                           array<float, 2>{{sums[j][2 * half], sums[j][2 * half + 1]}});
      }
    }
  }

  // A lane's strip `number`, whose columns are at `place`; its row is within the slice.
  static GEMMACT_FN strip take(shared_address own, int number, const strip_place& place) {
    strip s;
    static_cast<strip_place&>(s) = place;
    s.row = arch::lane_index() / 4 + 8 * u32(number);
    GEMMACT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const auto four = arch::load_shared<array<float, 4>>(own + strip_offset(s.row, lane_col() + 4 * u32(half)));
      GEMMACT_UNROLL
      for (int j = 0; j < 4; ++j) s.value[4 * half + j] = four[j];
    }
    return s;
  }

  // The column of a lane's strips, the same for all of them.
  static GEMMACT_FN u32 lane_col() { return arch::lane_index() % 4 * strip_width; }
};

}  // namespace gemmact::tile

// dZ = dY f'(what was kept), with sums of dZ and of dY df/dp over the rows, in one pass over memory.
//
//   dz[i, j] = dy[i, j] f'(.[i, j]);  db[j] = sum over i of dz[i, j];  dp[j] = sum over i of dy[i, j] df/dp(z[i, j])
//   (of a pair two dZ, of a maxout one for each piece: kernels/epilogue/gradient.cuh)
//
// A warp reads strips of 8 columns, eight lanes beside each other in each of four rows: whole lines of 16-bit elements. A lane
// has the strips of several rows in registers, as they lie in memory, before it uses the first.
//
// Shared memory, with sums alone:  [warp][sum][column]  each warp's sums of the block's rows, f32
//                                  4 bytes              whether this block is the last of its columns
//
// Who waits for what: nobody, until the block's rows are done; then kernels/epilogue/column_sums.cuh says.
#pragma once
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/column_sums.cuh"
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/gradient_pass/config.hpp"
#include "kernels/families/gradient_pass/params.hpp"
#include "kernels/tile/fetched_strip.cuh"

namespace gemmact::families::gradient_pass {

template <config c, class T, class Epilogue>
struct kernel {
  using params = gradient_pass::params;
  static constexpr u32 threads = c.threads, min_blocks = c.min_blocks, shared_bytes = c.shared_bytes();

  static GEMMACT_FN void run(const params& p) {
    const u32 group = arch::block_index() % p.groups, rest = arch::block_index() / p.groups;
    const u32 part = rest % p.parts, entry = rest / p.parts;
    const u32 lane = arch::lane_index(), warp = arch::warp_index();
    const u32 first = part * p.part_rows, end = p.m - first < p.part_rows ? p.m : first + p.part_rows;
    const auto place = tile::fetched_place::make(entry, group * c.cols + lane % 8 * tile::strip_width, p.n);
    // In a whole group each strip lies inside of the matrix, or none of it does.
    const bool whole = p.whole != 0 && (p.n % tile::strip_width == 0 || p.n - group * c.cols >= c.cols);
    Epilogue steps;
    steps.begin(p.out, place);
    if (whole) walk<int(c.rows), true>(p, place, first + warp * c.warp_rows, end, steps);
    else walk<1, false>(p, place, first + warp * c.warp_rows, end, steps);
    if constexpr (c.sums != 0) {
      const shared_address own = arch::dynamic_shared();
      steps.columns_done(p.out, place, own + warp * (c.sums * c.cols * 4), c.cols, true);
      epilogue::leave_sums<sums>(p.out.sum, {group, entry, part, group * c.cols}, own, arch::thread_index(),
                                 own + sums_bytes, [] { arch::sync_block(); });
    }
  }

 private:
  static constexpr u32 sums_bytes = c.sums_bytes(), step_rows = c.warps * c.warp_rows;
  static constexpr epilogue::sums_shape sums{c.threads, c.warps, c.sums, c.cols};

  // The warp's rows from `row` on, `together` of a lane's at a time.
  template <int together, bool whole>
  static GEMMACT_FN void walk(const params& p, const tile::fetched_place& place, u32 row, u32 end, Epilogue& steps) {
    GEMMACT_NO_UNROLL
    for (; row < end; row += u32(together) * step_rows) {
      held some[together];
      const u32 own = row + arch::lane_index() / 8;
      GEMMACT_UNROLL
      for (int i = 0; i < together; ++i) {
        const u32 at = own + u32(i) * step_rows;
        some[i].template fetch<whole>(p, inside<whole>(place, at < end), at);
      }
      GEMMACT_UNROLL
      for (int i = 0; i < together; ++i) {
        const u32 at = own + u32(i) * step_rows;
        tile::fetched_strip s = some[i].strip(inside<whole>(place, at < end), at);
        steps.apply(p.out, s);
      }
    }
  }

  // The compiler need not ask for each element where all of them are.
  template <bool whole>
  static GEMMACT_FN tile::fetched_place inside(tile::fetched_place place, bool has_row) {
    if (whole && place.valid != 0) place.valid = tile::strip_width;
    if (!has_row) place.valid = 0;
    return place;
  }

  // A strip of dY and of what was kept, as they lie in memory.
  struct held {
    tile::fetched<sizeof(T)> dy;
    tile::fetched<c.kept_bytes> kept[c.kept == 0 ? 1 : c.kept];

    template <bool whole>
    GEMMACT_FN void fetch(const params& p, const tile::fetched_place& place, u32 row) {
      dy = tile::fetch<sizeof(T), whole>(p.out.dy, place, row);
      GEMMACT_UNROLL
      for (int k = 0; k < int(c.kept); ++k)
        kept[k] = tile::fetch<c.kept_bytes, whole>(p.out.template at<&epilogue::params::kept>(u32(k)), place, row);
    }

    GEMMACT_FN tile::fetched_strip strip(const tile::fetched_place& place, u32 row) const {
      tile::fetched_strip s;
      static_cast<tile::fetched_place&>(s) = place;
      s.row = row;
      tile::take_fetched<T>(dy, [&](int j, float v) { s.value[j] = v; });
      GEMMACT_UNROLL
      for (int k = 0; k < int(c.kept); ++k) {
        GEMMACT_UNROLL
        for (int w = 0; w < kept[k].size; ++w) s.kept[k][w] = kept[k][w];
      }
      return s;
    }
  };
};

}  // namespace gemmact::families::gradient_pass

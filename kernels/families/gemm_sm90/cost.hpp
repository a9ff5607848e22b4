// About how long gemm_sm90 takes, in plain arithmetic: clocks of a multiprocessor. What each figure rests on is in
// docs/performance.md.
#pragma once
#include "kernels/families/cost.hpp"
#include "kernels/families/gemm_sm90/operands.hpp"

namespace gemmact::families::gemm_sm90 {

inline constexpr double shared_bytes_per_clock = 128;
inline constexpr double l2_bytes_per_clock = 48;  // of one multiprocessor's copies
inline constexpr double sustained = 0.8;          // of the tensor cores' rate, under the power limit
inline constexpr double fill_us = 1.0;            // until the first stage has landed

// Of one stage's product by one block, beside which the next stages' copies run. A wgmma has 32 bytes along k, and takes as
// long for all types.
inline double stage_clocks(const config& c, const gpu& g) {
  const double wgmmas = c.block_m / 64.0 * (c.span / 32.0);
  const double tensor = 2.0 * 64 * c.block_n * 16 / g.wgmma_flop_per_clock / sustained;
  const double shared = (64 + c.block_n) * 32.0 / shared_bytes_per_clock;
  const double promoted = c.promotes ? double(c.block_m) * c.block_n / 128 : 0;
  const double copies = (c.a_bytes() + double(c.b_bytes()) / c.cluster) / l2_bytes_per_clock;
  return std::max(wgmmas * std::max(tensor, shared) + promoted, copies);
}

// Of a tile's epilogue by as many warps as finish it.
struct epilogue_clocks {
  double special, all;
  epilogue_clocks(const layer& l, const config& c) {
    const double elements = double(c.block_m) * c.block_n;
    special = elements * l.activation.special_functions / 16;
    // To 16 bits and out; elements that are stored straight from registers are addressed and stored in pairs.
    const double more = c.staged ? 3 : 8;
    all = special + elements * (l.activation.arithmetic + more) / 128;
  }
};

// `units` of work, each of `stages` stages, `splits` of which share a tile: the last one of them finishes it.
inline estimate estimate_of(const layer& l, const gpu& g, const config& c, i64 units, i64 stages, int splits) {
  const double clocks_per_us = g.clock_ghz * 1e3;
  const i64 clusters = g.multiprocessors / int(c.cluster);
  const double each = double(tiles_of(units, clusters));  // tiles of the busiest block
  const double product = double(stages) * stage_clocks(c, g) / clocks_per_us;
  const epilogue_clocks finish(l, c);
  const double epilogue = finish.all / clocks_per_us / splits;
  estimate e;
  e.waves = double(units) / double(clusters);
  e.tensor = each * product;
  e.special = each * finish.special / clocks_per_us / splits;
  // Pingpong: while one consumer finishes the other one multiplies; the last tile's epilogue nothing hides.
  const double hidden = c.pingpong ? std::min((each - 1) * epilogue, (each - 1) * product) : 0;
  e.epilogue = each * epilogue - hidden;
  e.memory = matrix_bytes(l) / (g.bandwidth_gb_per_s * 1e3);
  e.total = launch_us + fill_us + (splits > 1 ? gather_us : 0) + std::max(e.tensor + e.epilogue, e.memory);
  return e;
}

}  // namespace gemmact::families::gemm_sm90

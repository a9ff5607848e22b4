// About how long gemm_sm90 takes, in plain arithmetic: clocks of a multiprocessor. What each figure rests on is in
// docs/performance.md.
#pragma once
#include "kernels/families/cost.hpp"
#include "kernels/families/gemm_sm90/operands.hpp"

namespace gemmact::families::gemm_sm90 {

inline constexpr double shared_bytes_per_clock = 109;  // of 128
inline constexpr double l2_bytes_per_clock = 5120;     // of the whole cache
inline constexpr double turn_clocks = 300;             // of a tile: its last wgmmas, after which its sums are there
inline constexpr double lone_warps = 1.5;              // so much longer an epilogue takes, with one warp a scheduler
inline constexpr double staged_instructions = 3, direct_instructions = 8;  // an element of Y: to its type and out
inline constexpr double slab_saves = 2;  // of those an element of what is kept, where that goes by TMA, too

// Down so many rows before the next columns: the tiles that are worked on together are then about a square.
inline constexpr u32 group_rows = 2048;

// Of the tensor cores' rate, under the power limit.
inline double sustained(element type) { return type == element::f32 ? 0.87 : type == element::e4m3 ? 0.78 : 0.82; }

// Of the multiprocessors, each of `active` has so much of the second-level cache.
inline double l2_share(double active) { return std::min(most_bytes_per_clock, l2_bytes_per_clock / active); }

// One block's product of so many stages: clocks, which go by beside each other but for `promoted`. A wgmma has 32 bytes
// along k, and takes as long for all types. Its operands come from shared memory, where stages are written, too, and beside
// pingpong's products what is staged. Copies are of later stages, and of what the epilogue before reads and writes; all
// stages but the one that is multiplied are on their way, each for a copy's latency.
struct product_clocks {
  double tensor, shared, promoted, copies, latency;

  product_clocks(const gpu& g, const config& c, element type, double stages, double finish_bytes, double l2) {
    const double elements = double(c.block_m) * c.width(), wgmmas = stages * c.block_m / 64 * (c.span / 32);
    const double slab_matrices = c.staged ? 1 + int(c.reads) + int(c.reads_pair) + int(c.kept_matrices()) : 0;
    const double staged = c.pingpong ? 2 * 2 * elements * slab_matrices : 0;
    tensor = wgmmas * 2 * 64 * c.block_n * 16 / g.wgmma_flop_per_clock / sustained(type);
    shared = (wgmmas * (64 + c.block_n) * 32 + stages * c.stage_bytes() + staged) / shared_bytes_per_clock;
    promoted = c.promotes ? stages * double(c.block_m) * c.block_n / arithmetic_per_clock : 0;
    latency = stages * global_latency_us * g.clock_ghz * 1e3 / (c.stages - 1);
    copies = (stages * (c.a_bytes() + double(c.b_bytes()) / c.cluster) + finish_bytes) / l2;
  }
  double all() const { return beside(std::max(tensor, shared) + promoted, beside(copies, latency)); }
};

// One unit of work of one block: clocks. Of `splits` that share a tile, at the same time, the last one finishes it.
struct unit_clocks {
  double product, epilogue, special;

  unit_clocks(const layer& l, const gpu& g, const config& c, i64 stages, int splits, double l2) {
    const finish_work finish(l);
    const double elements = double(c.block_m) * c.width(), sum_bytes = splits > 1 ? c.parts * 4 : 0;  // left
    const double finish_bytes = elements * (finish.all_bytes + sum_bytes);
    product = product_clocks(g, c, facing(l).a().type(), double(stages), finish_bytes, l2).all();
    special = elements * finish.special_functions / special_per_clock;
    const double warps = 4 * (c.pingpong ? 1 : c.consumers);
    const double arithmetic = finish.arithmetic + (c.staged ? staged_instructions : direct_instructions) +
                              2 * sum_bytes - slab_saves * int(c.kept_matrices());
    // TMA brings one ahead of time, or two; so do the lanes bits.
    const double wait_us = finish.wait_us(int(c.reads) + int(c.reads_pair) + int(reads_bits(l)));
    const double waits = elements / warps / strip_elements * wait_us * g.clock_ghz * 1e3;
    const double busy = finish_clocks(elements, finish.special_functions, arithmetic);
    epilogue = turn_clocks + waits + busy * (c.pingpong ? lone_warps : 1);
  }
};

// Of a block's units, one after the other. Pingpong: one consumer multiplies while the other finishes; where to finish takes
// longer, both are always at work.
inline double block_clocks(const config& c, i64 units, const unit_clocks& unit) {
  const double each = double(units), both = unit.product + unit.epilogue;
  if (!c.pingpong) return each * both;
  const double paired = double((units + 1) / 2) * both + (units % 2 == 0 ? unit.product : 0);
  return std::max(each * unit.product + unit.epilogue, paired);
}

// `units` of work, each of `stages` stages, `splits` of which share a tile.
inline estimate estimate_of(const layer& l, const gpu& g, const config& c, i64 units, i64 stages, int splits) {
  const double clocks_per_us = g.clock_ghz * 1e3;
  const i64 clusters = g.multiprocessors / int(c.cluster), each = tiles_of(units, clusters);
  const unit_clocks unit(l, g, c, stages, splits, l2_share(double(std::min(units, clusters) * i64(c.cluster))));
  estimate e;
  e.waves = double(units) / double(clusters);
  e.tensor = double(each) * unit.product / clocks_per_us;
  e.special = double(each) * unit.special / clocks_per_us;
  e.epilogue = block_clocks(c, each, unit) / clocks_per_us - e.tensor;  // what nothing hides
  e.memory = dram_bytes(l, g, group_rows) / (g.bandwidth_gb_per_s * 1e3);
  const double summing = summing_us(l, c.sums_a != 0 ? 1 : tiles_of(facing(l).rows(), c.block_m));
  e.total = launch_us + gathering_us(g, splits, double(c.block_m) * c.block_n) + summing +
            beside(e.tensor + e.epilogue, e.memory);
  return e;
}

}  // namespace gemmact::families::gemm_sm90

// About how long a tiled product with an epilogue takes, in plain arithmetic. Figures of the hardware: shared memory moves
// 128 bytes a clock, 16 special functions and 128 other f32 operations (64 on sm_80) are done a clock, by each multiprocessor.
#pragma once
#include <algorithm>
#include <utility>

#include "kernels/families/family.hpp"

namespace gemmact::families {

// One tile's work, and how many there are.
struct tile_work {
  i64 tiles = 0;
  double mma_flop = 0;                           // of a tile, padding included
  double flop_per_clock = 0;                     // of a multiprocessor at that; 0: its tensor cores'
  double shared_bytes = 0;                       // moved through shared memory for a tile's product
  double global_bytes = 0;                       // of operands, read for a tile
  double in_flight_bytes = 0;                    // of copies ahead, of a block
  double epilogue_elements = 0;                  // of a tile
  double special_functions = 0, arithmetic = 0;  // an element of the epilogue
  double dram_bytes = 0;                         // of the whole layer, each operand once
  double more_us = 0;                            // that nothing hides
  u32 warps = 0;                                 // of a block
  int blocks = 1;                                // on a multiprocessor
};

inline constexpr double launch_us = 2.0;
inline constexpr double global_latency_us = 0.8;  // of a copy, under load
inline constexpr double gather_us = 2.0;          // sums of several blocks: stored, counted, read
inline constexpr double l2_over_dram = 2.5;       // bandwidth
inline constexpr double busy_warps = 8;           // that keep the tensor cores of a multiprocessor busy
inline constexpr double mma_efficiency = 0.9;

inline i64 tiles_of(i64 length, i64 tile) { return (length + tile - 1) / tile; }

// Of multiply-adds in f32, a clock and multiprocessor.
inline double f32_flop_per_clock(const gpu& g) { return g.architecture == 80 ? 128 : 256; }

// Bytes of the layer's matrices, each read or written once.
inline double matrix_bytes(const layer& l) {
  constexpr double bytes[] = {0, 4, 2, 2, 1, 1, 1, 0.125};  // by element
  double sum = 0;
  for (const operand& o : l.operands)
    if (o.spread == extent::each) sum += double(l.batch) * double(o.rows) * double(o.cols) * bytes[int(o.type)];
  return sum;
}

// Blocks that are on a multiprocessor at once: `most` if registers are to last.
inline int blocks_on(const gpu& g, u32 shared_bytes, u32 threads, u32 most) {
  constexpr int reserved = 1024;  // of each block's shared memory, by the system
  const int by_shared = g.shared_multiprocessor_bytes / int(shared_bytes + reserved);
  const int by_threads = g.threads_multiprocessor / int(threads);
  return std::max(1, std::min({by_shared, by_threads, int(most)}));
}

// Cheapest first. Where memory decides they cost the same: then the one that does least beside it.
inline void sort_by_cost(std::vector<candidate>& all) {
  const auto rank = [](const candidate& c) { return std::pair(c.cost.total, c.cost.tensor + c.cost.epilogue); };
  std::stable_sort(all.begin(), all.end(), [&](const candidate& a, const candidate& b) { return rank(a) < rank(b); });
}

inline estimate estimate_tiles(const tile_work& w, const gpu& g) {
  const double clocks_per_us = g.clock_ghz * 1e3, processors = g.multiprocessors;
  const double each = double((w.tiles + g.multiprocessors - 1) / g.multiprocessors);  // tiles, of the busiest one
  const double blocks = std::min(double(w.blocks), each);
  const double busy = std::min(1.0, w.warps * blocks / busy_warps);
  const double flop_per_clock = w.flop_per_clock == 0 ? g.mma_flop_per_clock : w.flop_per_clock;
  const double tensor = w.mma_flop / (flop_per_clock * mma_efficiency * busy) / clocks_per_us;
  const double shared = w.shared_bytes / 128 / clocks_per_us;
  const double copies = w.global_bytes / (w.in_flight_bytes * blocks) * global_latency_us;
  const double l2 = w.global_bytes * processors / (g.bandwidth_gb_per_s * 1e3 * l2_over_dram);
  const double special = w.epilogue_elements * w.special_functions / 16 / clocks_per_us;
  const double epilogue = special + w.epilogue_elements * w.arithmetic / 128 / clocks_per_us;

  estimate e;
  e.waves = double(w.tiles) / (processors * blocks);
  e.tensor = each * std::max(tensor, shared);
  e.special = each * special;
  // With two blocks on a multiprocessor one's epilogue hides behind the other's product.
  e.epilogue = each * epilogue / blocks;
  e.memory = std::max(w.dram_bytes / (g.bandwidth_gb_per_s * 1e3), each * std::max(copies, l2));
  e.total = launch_us + w.more_us + std::max(e.tensor + e.epilogue, e.memory);
  return e;
}

}  // namespace gemmact::families

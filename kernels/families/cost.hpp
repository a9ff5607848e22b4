// About how long a tiled product with an epilogue takes, in plain arithmetic. Figures of the hardware: shared memory moves
// 128 bytes a clock, 16 special functions and 128 other f32 operations (64 on sm_80) are done a clock, by each multiprocessor.
#pragma once
#include <algorithm>
#include <utility>

#include "kernels/families/gradient_sums.hpp"

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
  double wait_us = 0;                            // of each strip of the epilogue, for what it reads
  double dram_bytes = 0;                         // of the whole layer, each operand once
  double more_us = 0;                            // that nothing hides
  u32 warps = 0;                                 // of a block
  int blocks = 1;                                // on a multiprocessor
};

inline constexpr double launch_us = 3.0;            // of every kernel, until its first stage has landed
inline constexpr double global_latency_us = 0.8;    // of a copy, under load
inline constexpr double gather_us = 2.0;            // sums of several blocks: stored, counted, the first ones there
inline constexpr int few_splits = 16;               // of a depth that is not a long m
inline constexpr double read_us = 0.5;              // until what a strip of the epilogue reads is there
inline constexpr double cached_read_us = 0.25;      // ... that is in the second-level cache
inline constexpr double strip_elements = 256;       // of a warp, at a time
inline constexpr u32 rows_together = 1024;          // of A, while columns of B go by (grouped_order)
inline constexpr double l2_over_dram = 2.5;         // bandwidth
inline constexpr double most_bytes_per_clock = 64;  // of the second-level cache, for one multiprocessor
inline constexpr double busy_warps = 8;             // that keep the tensor cores of a multiprocessor busy
inline constexpr double mma_efficiency = 0.9;
inline constexpr double special_per_clock = 16, arithmetic_per_clock = 128;

// How long two things take that go on beside each other: a little of the shorter one is not hidden.
inline double beside(double a, double b) {
  constexpr double unhidden = 0.05;
  return std::max(a, b) + unhidden * std::min(a, b);
}

// Clocks of a multiprocessor: its special functions and its other instructions go by different pipes.
inline double finish_clocks(double elements, double special_functions, double arithmetic) {
  return elements * beside(special_functions / special_per_clock, arithmetic / arithmetic_per_clock);
}

inline i64 tiles_of(i64 length, i64 tile) { return (length + tile - 1) / tile; }

// Of multiply-adds in f32, a clock and multiprocessor.
inline double f32_flop_per_clock(const gpu& g) { return g.architecture == 80 ? 128 : 256; }

inline double bytes_of(element type) {
  constexpr double bytes[] = {0, 4, 2, 2, 1, 1, 1, 0.125};
  return bytes[int(type)];
}
inline double matrix_bytes(const layer& l, const operand& o) {
  const double entries = o.batch_stride == 0 ? 1 : double(l.batch);  // shared by the batch, or summed over it
  return entries * double(o.rows) * double(o.cols) * bytes_of(o.type);
}

// Each matrix is read or written once (what is added to, both). But what the second-level cache does not hold is read again:
// B for each group of rows, and for each further output the factors that are not its own.
inline double dram_bytes(const layer& l, const gpu& g, i64 group_rows = rows_together) {
  const facing f(l);
  double sum = 0, shared = 0;
  for (const operand& o : l.operands) {
    if (o.spread != extent::each) continue;
    sum += matrix_bytes(l, o) * (o.accumulate ? 2 : 1);
    if (is_factor(l, o) && l.find(o.what, 1) == nullptr) shared += matrix_bytes(l, o);
  }
  if (f.outputs() > 1 && shared > double(g.l2_bytes)) sum += shared * (f.outputs() - 1);
  const double b = matrix_bytes(l, *f.b().of) * f.parts() * f.pairs();
  if (b > double(g.l2_bytes)) sum += b * double(tiles_of(f.rows(l.m), group_rows) - 1) * f.outputs();
  return sum;
}

// Until the last block has gathered what `splits` of them, which run at the same time, have of its tile, `sums` numbers each:
// it reads one block's after the other's.
inline double gathering_us(const gpu& g, int splits, double sums) {
  const double each = std::max(cached_read_us, sums * 4 / most_bytes_per_clock / (g.clock_ghz * 1e3));
  return splits == 1 ? 0 : gather_us + splits * each;
}

// Until the sums over rows are written, of so many parts of each batch entry, after the last part is there.
inline double summing_us(const layer& l, i64 parts) {
  const wanted_sums wanted(l);
  if (wanted.count == 0) return 0;
  const epilogue::sums_tree tree{u32(facing(l).entries()), u32(parts)};
  bool of_entries = false, of_columns = false;
  for (const operand* o : wanted.of)
    if (o != nullptr) of_entries |= o->batch_stride == 0, of_columns |= o->spread == extent::scalar;
  return gather_us * (tree.levels + (of_entries ? tree.levels_of_entries : 0) + (of_columns ? 1 : 0));
}

// The function whose value or derivative the epilogue takes, if any.
inline function function_of(const layer& l) {
  if (l.what == operation::input_grad) return l.below;
  return l.what == operation::weight_grad ? function{} : l.activation;
}

// What the layer asks of an epilogue, an element, beside taking a sum and storing Y.
struct finish_work {
  double special_functions, arithmetic;
  int reads = 0;         // matrices for which each strip waits
  int ahead = 0;         // of these, that can be brought to the second-level cache before
  double all_bytes = 0;  // of the epilogue's matrices, Y's too

  explicit finish_work(const layer& l)
      : special_functions(function_of(l).special_functions), arithmetic(function_of(l).arithmetic) {
    constexpr double one_more = 4;  // matrix: its address, an access, a conversion
    for (const operand& o : l.operands) {
      if (is_factor(l, o)) continue;
      if (l.what == operation::weight_grad && o.index != 0) continue;  // another product's, of tiles of its own
      if (o.spread == extent::each) all_bytes += bytes_of(o.type);
      if (&o == &written(l)) {
        if (o.accumulate) read(l, o), arithmetic += one_more, all_bytes += bytes_of(o.type);
        continue;
      }
      arithmetic += o.spread == extent::each ? one_more : 1;
      if (o.spread == extent::each && !o.output) read(l, o);
    }
  }
  // Of a strip, where the kernel brings so many of them by itself.
  double wait_us(int brought = 0) const {
    if (reads <= brought) return 0;
    return ahead == reads && reads - brought <= tile::matrices_ahead::most ? cached_read_us : read_us;
  }

 private:
  void read(const layer& l, const operand& o) { ++reads, ahead += is_read_ahead(l, o); }
};

// Blocks that are on a multiprocessor at once: `most` if registers are to last.
inline int blocks_on(const gpu& g, u32 shared_bytes, u32 threads, u32 most) {
  constexpr int reserved = 1024;  // of each block's shared memory, by the system
  const int by_shared = g.shared_multiprocessor_bytes / int(shared_bytes + reserved);
  const int by_threads = g.threads_multiprocessor / int(threads);
  return std::max(1, std::min({by_shared, by_threads, int(most)}));
}

// Cheapest first. Where memory decides they cost the same: then the one that does least beside it.
template <class Priced>
void sort_by_cost(std::vector<Priced>& all) {
  const auto rank = [](const Priced& c) { return std::pair(c.cost.total, c.cost.tensor + c.cost.epilogue); };
  std::stable_sort(all.begin(), all.end(), [&](const Priced& a, const Priced& b) { return rank(a) < rank(b); });
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
  const double special = w.epilogue_elements * w.special_functions / special_per_clock / clocks_per_us;
  const double waits = w.epilogue_elements / w.warps / strip_elements * w.wait_us;
  const double epilogue = finish_clocks(w.epilogue_elements, w.special_functions, w.arithmetic) / clocks_per_us + waits;

  estimate e;
  e.waves = double(w.tiles) / (processors * blocks);
  e.tensor = each * std::max(tensor, shared);
  e.special = each * special;
  // With two blocks on a multiprocessor one's epilogue hides behind the other's product.
  e.epilogue = each * epilogue / blocks;
  e.memory = std::max(w.dram_bytes / (g.bandwidth_gb_per_s * 1e3), each * std::max(copies, l2));
  e.total = launch_us + w.more_us + beside(e.tensor + e.epilogue, e.memory);
  return e;
}

}  // namespace gemmact::families

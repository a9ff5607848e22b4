// What persistent blocks share out among themselves: the tiles of a batch's outputs (and of each product's, where each has
// one) or, where the depth is split, parts of them.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/tile/tile_order.hpp"

namespace gemmact::tile {

struct work {
  tile_order order;  // of one batch entry's tiles
  u32 batch;
  u32 stages;  // of a tile along the depth
  u32 splits;  // blocks that share a tile, each with stages_each stages, the last with what is left: at least one
  u32 stages_each;
  u32 entries;               // of `batch`, those of a batch; the next `entries` are of the next product's output
  u32 segment_stages;        // of the stages, those of one segment, which has operands of its own
  u32 segments_are_entries;  // not 0: of a batch's entries in turn; else of the products

  GEMMACT_FN constexpr u32 entry(u32 of_batch) const { return of_batch % entries; }
  GEMMACT_FN constexpr u32 product(u32 of_batch) const { return of_batch / entries; }
  GEMMACT_FN constexpr u32 segment(u32 stage) const { return stage / segment_stages; }
  GEMMACT_FN constexpr u32 in_segment(u32 stage) const { return stage % segment_stages; }
};

// One unit of it. Those that are worked on together have the same part of k of neighbouring tiles.
template <bool batched, bool splits>
struct work_unit {
  u32 tile, split = 0, batch = 0;

  GEMMACT_FN static u32 count(const work& w) {
    return w.order.count() * (batched ? w.batch : 1) * (splits ? w.splits : 1);
  }

  GEMMACT_FN work_unit(const work& w, u32 index) : tile(index) {
    if constexpr (batched || splits) {
      u32 rest = index / w.order.count();
      tile = index % w.order.count();
      if constexpr (splits) split = rest % w.splits, rest /= w.splits;
      if constexpr (batched) batch = rest;
    }
  }
  GEMMACT_FN tile_place place(const work& w) const { return w.order[tile]; }

  GEMMACT_FN u32 first_stage(const work& w) const { return splits ? split * w.stages_each : 0; }
  GEMMACT_FN u32 stages(const work& w) const {
    if constexpr (!splits) return w.stages;
    const u32 left = w.stages - first_stage(w);
    return left < w.stages_each ? left : w.stages_each;
  }
  // Of all batches' tiles.
  GEMMACT_FN u32 number(const work& w) const { return batch * w.order.count() + tile; }
};

// Where units that share a tile leave their sums, of the workspace.
struct shared_sums {
  global_address partials;  // of each unit of work: sixteen bytes of each thread, side by side, then the next sixteen
  global_address counters;  // of each tile of each batch entry, 0 between runs
};

}  // namespace gemmact::tile

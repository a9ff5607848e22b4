// Which operands are multiplied next, where there are several of a kind: of products, or of batch entries that are summed.
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::tile {

inline constexpr int most_products = 8;

// Bytes from the first product's operand to each one's.
struct operand_places {
  array<i64, most_products> product;
};

// A stage of a unit of work: its place in the stretch of the depth, and whose operands the stretch has.
struct turn {
  u32 stage, segment;
  u32 product, entry;  // of the unit; of the stretch with by_entry or without

  GEMMACT_FN static turn make(const work& w, u32 of_batch, u32 first_stage) {
    return {w.in_segment(first_stage), w.segment(first_stage), w.product(of_batch), w.entry(of_batch)};
  }
  GEMMACT_FN void advance(const work& w) {
    if (++stage == w.segment_stages) stage = 0, ++segment;
  }
  GEMMACT_FN u32 number(const work& w) const { return w.segments_are_entries != 0 ? product : product + segment; }
  // From an operand of the unit's batch entry, and from the first product's, on.
  GEMMACT_FN i64 entry_bytes(const work& w, i64 batch_bytes) const {
    return w.segments_are_entries != 0 ? i64(segment) * batch_bytes : 0;
  }
  GEMMACT_FN i64 bytes(const work& w, const operand_places& at, i64 batch_bytes) const {
    return at.product[int(number(w))] + entry_bytes(w, batch_bytes);
  }
};

}  // namespace gemmact::tile

// Which units of work a block of gemm_sm90 has, and where their tiles of D lie.
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/params.hpp"

namespace gemmact::families::gemm_sm90 {

// Of its cluster: those of index first(), first() + step(), ... below count().
template <config c>
struct block_tiles {
  using unit = tile::work_unit<c.counts_batch(), c.splits>;

  static GEMMACT_FN u32 first() { return arch::block_index() / c.cluster; }
  static GEMMACT_FN u32 step() { return arch::block_count() / c.cluster; }
  static GEMMACT_FN u32 count(const common_params& p) { return unit::count(p.work); }

  // The first row and column of the block's tile; of a batch entry of a product's D.
  struct corner {
    u32 row, col, entry, product;
  };
  static GEMMACT_FN corner corner_of(const common_params& p, const unit& u) {
    const tile::tile_place place = u.place(p.work);
    const u32 rank = c.cluster == 1 ? 0 : arch::cluster_rank();
    const bool several = c.outputs > 1;
    return {(place.row * c.cluster + rank) * c.block_m, place.col * c.width(),
            several ? p.work.entry(u.batch) : u.batch, several ? p.work.product(u.batch) : 0};
  }

  // `visit(unit, number)` in turn, from 0.
  template <class Visit>
  static GEMMACT_FN void each(const common_params& p, const Visit& visit) {
    u32 number = 0;
    for (u32 index = first(); index < count(p); index += step()) visit(unit(p.work, index), number++);
  }
};

// The parts of tiles that a consumer warp finishes, 16 rows of each unit of 64, one after the other; parts without a row of
// the matrix are left out.
template <config c>
class warp_parts {
 public:
  using tiles = block_tiles<c>;
  using corner = typename tiles::corner;

  // The warp comes as a whole.
  GEMMACT_FN warp_parts(const common_params& p, u32 consumer)
      : first_row_((c.pingpong ? 0 : consumer * c.consumer_rows()) + 16 * (arch::warp_index() % 4)),
        index_(tiles::first() + (c.pingpong ? consumer * tiles::step() : 0)) {
    if constexpr (c.reads) find(p);
  }

  // Of any unit of the consumer.
  GEMMACT_FN corner of(const common_params& p, const typename tiles::unit& u) const {
    corner at = tiles::corner_of(p, u);
    at.row += first_row_;
    return at;
  }

  // A walk through them, with reads.
  GEMMACT_FN bool more(const common_params& p) const { return index_ < tiles::count(p); }
  GEMMACT_FN const corner& get() const { return at_; }
  GEMMACT_FN void next(const common_params& p) {
    advance();
    find(p);
  }

 private:
  GEMMACT_FN void advance() { index_ += tiles::step() * (c.pingpong ? 2 : 1); }
  GEMMACT_FN void find(const common_params& p) {
    for (; more(p); advance()) {
      at_ = of(p, typename tiles::unit(p.work, index_));
      if (at_.row < p.m) return;
    }
  }

  u32 first_row_, index_;
  corner at_;
};

}  // namespace gemmact::families::gemm_sm90

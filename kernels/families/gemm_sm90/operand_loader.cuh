// What gemm_sm90's producer has TMA copy: a stage of A's and B's rows.
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/params.hpp"

namespace gemmact::families::gemm_sm90 {

template <config c>
struct operand_loader {
  using params = gemm_sm90::params<c.maps()>;
  static constexpr u32 panel_rows = 64, panel_bytes = panel_rows * c.span;  // of operands along their rows

  struct place {
    u32 row, col, depth;  // of the tile, in elements; along the depth
    u32 product, batch;   // whose operands
  };

  static GEMMACT_FN void load(const params& p, shared_address stage, shared_address barrier, const place& at) {
    load_a(p, stage, barrier, at);
    GEMMACT_UNROLL
    for (u32 part = 0; part < c.parts; ++part)
      load_b(p, part, stage + (c.a_bytes() + part * c.width() * c.span), barrier, at);
  }

 private:
  static GEMMACT_FN void load_a(const params& p, shared_address to, shared_address barrier, const place& at) {
    const u32 batch = at.batch * p.a_batches;
    const tensor_map& map = p.map[c.a_map() + at.product];
    if constexpr (c.a_along_k) {
      copy(to, map, barrier, at.depth, at.row, batch);
    } else {
      GEMMACT_UNROLL
      for (u32 panel = 0; panel < c.block_m / panel_rows; ++panel)
        copy(to + panel * panel_bytes, map, barrier, at.row + panel * panel_rows, at.depth, batch);
    }
  }

  // All blocks of a cluster need the same rows of B: each brings some of each part to all of them.
  static GEMMACT_FN void load_b(const params& p, u32 part, shared_address to, shared_address barrier, const place& at) {
    constexpr u32 rows = c.width() / c.cluster;
    const u32 first = c.cluster == 1 ? 0 : arch::cluster_rank() * rows, batch = at.batch * p.b_batches;
    const shared_address own = to + first * c.span;
    const tensor_map& map = p.map[c.b_map() + at.product * c.parts + part];
    if constexpr (c.b_along_k) {
      copy_to_all(own, map, barrier, at.depth, at.col + first, batch);
    } else {
      GEMMACT_UNROLL
      for (u32 panel = 0; panel < rows / panel_rows; ++panel)
        copy_to_all(own + panel * panel_bytes, map, barrier, at.col + first + panel * panel_rows, at.depth, batch);
    }
  }

  static GEMMACT_FN void copy(shared_address to, const tensor_map& map, shared_address barrier, u32 x, u32 y,
                              u32 batch) {
    if constexpr (c.batched) arch::tma_load(to, map, barrier, i32(x), i32(y), i32(batch));
    else arch::tma_load(to, map, barrier, i32(x), i32(y));
  }

  static GEMMACT_FN void copy_to_all(shared_address to, const tensor_map& map, shared_address barrier, u32 x, u32 y,
                                     u32 batch) {
    constexpr u16 all = u16((1 << c.cluster) - 1);
    if constexpr (c.cluster == 1) copy(to, map, barrier, x, y, batch);
    else if constexpr (c.batched) arch::tma_load_multicast(to, map, barrier, all, i32(x), i32(y), i32(batch));
    else arch::tma_load_multicast(to, map, barrier, all, i32(x), i32(y));
  }
};

}  // namespace gemmact::families::gemm_sm90

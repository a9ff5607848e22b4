#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/matrix_view.hpp"
#include "kernels/tile/tile_order.hpp"

namespace gemmact::families::gemm_sm80 {

// The kernel's argument. A gives the rows of what is written, B its columns: m x k and n x k. An operand's `rows` are m (n)
// and its `width` the bytes along k, or, where it does not lie along k, the reverse.
struct params {
  tile::byte_matrix a, b;
  tile::tile_order order;  // of one batch entry's tiles
  u32 m, n, batch;
  u32 stages;  // of a tile along k
  u32 splits;  // blocks that share a tile, each with stages_each stages, the last with what is left: at least one
  u32 stages_each;
  // With splits: the sums of each unit of work (unit, sixteen bytes of a thread, thread), and a counter for each tile of
  // each batch entry, 0 between runs.
  global_address partials, counters;
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_sm80

#pragma once
#include "kernels/arch/tma/tensor_map.hpp"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families::gemm_sm90 {

// The kernel's argument. A gives the rows of what is written, B its columns: m x k and n x k.
struct params {
  tensor_map a, b;           // boxes: a stage's rows; of operands along their rows, a panel of 64
  tensor_map y, read, kept;  // boxes: a slab; unused where they do not go by TMA
  tile::work work;           // of clusters: a place is that of their first block's tile
  u32 m, n;
  u32 a_batches, b_batches;  // 0: all batch entries have the same
  tile::shared_sums sums;    // with splits
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_sm90

#pragma once
#include "kernels/arch/tma/tensor_map.hpp"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families::gemm_sm90 {

// What the arguments of all kernels begin with. A gives the rows of what is written, D, and B its columns.
struct common_params {
  tile::work work;           // of clusters: a place is that of their first block's tile
  u32 m, n;                  // of D
  u32 a_batches, b_batches;  // 0: all batch entries have the same
  tile::shared_sums sums;    // with splits
  epilogue::params out;
};

// A kernel's argument. Boxes of A and B: a stage's rows; of operands along their rows, a panel of 64. Of the others: a slab.
template <u32 maps>
struct params : common_params {
  tensor_map map[maps];  // by config's places
};

inline constexpr u32 most_maps = 12;

}  // namespace gemmact::families::gemm_sm90

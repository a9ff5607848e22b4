#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/matrix_view.hpp"
#include "kernels/tile/tile_order.hpp"

namespace gemmact::families::gemm_sm80 {

// The kernel's argument. X is m x k, W is n x k, both along k; the epilogue's matrices are m x n.
struct params {
  tile::byte_matrix x, w;
  tile::tile_order order;
  u32 m, n;
  u32 stages;  // of a tile along k
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_sm80

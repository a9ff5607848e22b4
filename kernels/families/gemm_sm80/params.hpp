#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/matrix_view.hpp"
#include "kernels/tile/turns.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families::gemm_sm80 {

// The kernel's argument. A gives the rows of what is written, B its columns: m x k and n x k. An operand's `rows` are m (n)
// and its `width` the bytes along k, or, where it does not lie along k, the reverse.
struct params {
  tile::byte_matrix a, b;
  tile::byte_matrix index;          // of A's winners, as A lies
  tile::operand_places a_of, b_of;  // of several products
  tile::work work;
  u32 m, n;
  tile::shared_sums sums;                      // with splits
  array<int, tile::most_products> row_sum_of;  // of each product's A: which of the epilogue's sums; below 0: none
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_sm80

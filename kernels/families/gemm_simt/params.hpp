#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/turns.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families::gemm_simt {

// A or B, as lines of elements side by side: the operand's rows, each along k, or the reverse.
struct lines {
  global_address base;
  i64 line_bytes, batch_bytes;  // from one line, one batch entry to the next
};

// A byte for each of A's elements: the number of the product for which it counts.
struct winner_lines {
  lines at;
  i64 step_bytes;  // from one element of a line to the next
};

// The kernel's argument. A gives the rows of what is written, B its columns: m x k and n x k, of each stretch of the depth.
struct params {
  lines a, b;
  winner_lines winners;
  tile::operand_places a_of, b_of;  // of several products
  tile::work work;                  // stages are slices
  u32 m, n, k;
  tile::shared_sums sums;                      // with splits
  array<int, tile::most_products> row_sum_of;  // of each product's A: which of the epilogue's sums; below 0: none
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_simt

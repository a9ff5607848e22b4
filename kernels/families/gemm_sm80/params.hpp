#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/matrix_view.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families::gemm_sm80 {

// The kernel's argument. A gives the rows of what is written, B its columns: m x k and n x k. An operand's `rows` are m (n)
// and its `width` the bytes along k, or, where it does not lie along k, the reverse.
struct params {
  tile::byte_matrix a, b;
  tile::work work;
  u32 m, n;
  // With splits: the sums of each unit of work (unit, sixteen bytes of a thread, thread), and a counter for each tile of
  // each batch entry, 0 between runs.
  global_address partials, counters;
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_sm80

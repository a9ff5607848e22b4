#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/tile_order.hpp"

namespace gemmact::families::gemm_simt {

// X or W, as lines of elements side by side: the operand's rows, each along k, or the reverse.
struct lines {
  global_address base;
  i64 line_bytes, batch_bytes;  // from one line, one batch entry to the next
};

// The kernel's argument. A gives the rows of what is written, B its columns: m x k and n x k.
struct params {
  lines a, b;
  tile::tile_order order;  // of one batch entry's tiles
  u32 m, n, k;
  epilogue::params out;
};

}  // namespace gemmact::families::gemm_simt

// Row-major matrices as kernels are given them.
#pragma once
#include "kernels/base/address.hpp"

namespace gemmact::tile {

// To be copied as bytes.
struct byte_matrix {
  global_address base;
  i64 row_bytes;    // from one row to the next
  u32 rows, width;  // width in bytes
};

// Read and written in strips.
struct matrix_view {
  global_address base;
  i64 row_stride;  // in elements
  u32 vector;      // not 0: each strip is aligned to 16 bytes
};

}  // namespace gemmact::tile

// Matrices as kernels are given them.
#pragma once
#include "kernels/base/address.hpp"

namespace gemmact::tile {

// To be copied as bytes: rows of `width` bytes each.
struct byte_matrix {
  global_address base;
  i64 row_bytes, batch_bytes;  // from one row, one batch entry to the next
  u32 rows, width;
};

// What a tensor of the epilogue has one value for; the numbers are gemmact_extent's.
enum class spread : u8 { each = 0, scalar, per_column, per_row };

// Read and written in strips. Element (b, i, j) lies at b * batch_stride + i * row_stride + j * col_stride elements from
// the base; of bits, words take the place of elements, and a column is 32 of them.
struct matrix_view {
  global_address base;
  i64 row_stride, col_stride, batch_stride;
  u32 vector;  // not 0: a strip's elements lie side by side, aligned to the strip's size or 16 bytes; of bits, two words do
};

// Of whose rows an epilogue reads all that its tiles cover.
struct matrix_ahead {
  global_address base;
  i64 row_bytes, batch_bytes;  // from one row, one batch entry to the next
  u32 rows, cols;
  u32 column_bits;
};
struct matrices_ahead {
  static constexpr int most = 4;
  matrix_ahead of[most];
  u32 count;
};

}  // namespace gemmact::tile

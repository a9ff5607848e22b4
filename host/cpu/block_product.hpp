// One block of a product, sum over terms of A_t B_t, computed into f32 scratch that stays in the cache.
#pragma once
#include "host/cpu/access.hpp"

namespace gemmact::cpu {

// Sizes of a blocked product: an output of rows x cols, in blocks of block_rows x block_cols.
struct blocking {
  int64_t rows = 0, cols = 0, depth = 0;
  int64_t block_rows = 0, block_cols = 0;
  bool allow_dot = false;  // so few rows that they may be summed in another order than many

  int64_t row_blocks() const { return (rows + block_rows - 1) / block_rows; }
  int64_t col_blocks() const { return (cols + block_cols - 1) / block_cols; }
  int64_t blocks() const { return row_blocks() * col_blocks(); }

  // Blocks that fill `threads` evenly; `fixed`: blocks that depend on the problem alone, because sums over the rows or
  // columns of a block are part of the result.
  static blocking choose(int64_t rows, int64_t cols, int64_t depth, int threads, bool fixed);
};

// One term: A is rows x depth, B depth x cols; element (0, 0) of the views is element (0, 0) of the whole matrices.
struct product_term {
  gemmact_isa::view a, b;
  const uint8_t* winner = nullptr;  // of A's elements: only those equal to `piece` count
  int64_t winner_row = 0, winner_col = 0;
  int piece = 0;
};

// A thread's scratch for products.
struct product_scratch {
  float* a;
  float* b;
  int64_t ldc;  // of every accumulator block
  // Elements of a strip of such a block, of any leading dimension up to ldc.
  int64_t strip_elems() const { return std::max<int64_t>(ldc, 1024); }
  // Rows of a block of `cols` columns lie close: what is between them is computed with the rest.
  void fit(int64_t cols) { ldc = (cols + 15) / 16 * 16; }
  void carve(carver& c, const blocking& sizes);
};

// Called with each packed chunk of A (rows x depth, leading dimension `depth`), if not null.
struct packed_a_watcher {
  void (*see)(void* self, const float* a, int64_t rows, int64_t depth);
  void* self;
};

// c (+)= A[i0.., depth d0..d1] B[.., j0..] for a block of rows x cols.
struct block_range {
  int64_t i0, rows, j0, cols, d0, d1;
  bool accumulate;
};
void multiply_block(const gemmact_isa::isa& isa, const product_term& term, const block_range& range,
                    const blocking& sizes, const product_scratch& scratch, float* c,
                    const packed_a_watcher* watcher = nullptr);

}  // namespace gemmact::cpu

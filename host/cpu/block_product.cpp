#include "host/cpu/block_product.hpp"

#include <algorithm>

namespace gemmact::cpu {
namespace {

constexpr int64_t col_unit = 96;  // a multiple of every instruction set's panel and of 32
constexpr int64_t dot_rows = 8;   // up to here, packing B would cost more than the product
constexpr int64_t dot_cols = 16;  // columns of B that are handled at a time
constexpr int64_t dot_depth = 4096;
constexpr int64_t fixed_split = 8;  // into so many blocks of columns at least, where threads may not decide

int64_t round_up(int64_t v, int64_t unit) { return (v + unit - 1) / unit * unit; }
int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

void advance(gemmact_isa::view& v, int64_t row, int64_t col) {
  const int64_t elements = row * v.row_stride + col * v.col_stride;
  v.data = static_cast<const char*>(v.data) + elements * element_bytes(gemmact_type(v.type));
}

bool plain_f32(const gemmact_isa::view& v) { return v.type == gemmact_isa::f32 && v.round_tf32 == 0; }

void pack_a(const gemmact_isa::isa& isa, const product_term& term, const gemmact_isa::view& a, int64_t i, int64_t d,
            int64_t rows, int64_t depth, float* out) {
  if (term.winner == nullptr) isa.product->pack_a(&a, rows, depth, out, depth);
  else
    isa.product->pack_a_masked(&a, term.winner + i * term.winner_row + d * term.winner_col, term.winner_row,
                               term.winner_col, term.piece, rows, depth, out, depth);
}

// Whether A may be read where it lies: packing pays when several blocks of columns read it, or when its rows are a power of
// two apart and so fall on the same places of the cache.
bool readable_in_place(const product_term& term, const blocking& sizes) {
  constexpr int64_t bad_stride = 1024;  // elements
  return plain_f32(term.a) && term.a.col_stride == 1 && term.winner == nullptr && sizes.col_blocks() == 1 &&
         term.a.row_stride % bad_stride != 0;
}

// The part of B that will be packed after this one: the same columns further down, or nothing.
gemmact_isa::ahead next_of_b(const gemmact_isa::view& b, int64_t d, const block_range& r) {
  const int64_t depth = std::min(tile_depth, r.d1 - d), bytes = element_bytes(gemmact_type(b.type));
  if (depth <= 0 || (b.row_stride != 1 && b.col_stride != 1)) return {};
  gemmact_isa::view at = b;
  advance(at, d, r.j0);
  const char* data = static_cast<const char*>(at.data);
  if (b.row_stride == 1) return {data, b.col_stride * bytes, r.cols, depth * bytes};
  return {data, b.row_stride * bytes, depth, r.cols * bytes};
}

// Few rows: B's lines are read where they lie, or rounded to tf32 a few at a time.
void dot_block(const gemmact_isa::isa& isa, const product_term& term, const block_range& r,
               const product_scratch& scratch, float* c) {
  for (int64_t d = r.d0; d < r.d1; d += dot_depth) {
    const int64_t depth = std::min(dot_depth, r.d1 - d);
    gemmact_isa::view a = term.a;
    advance(a, r.i0, d);
    const float* a_data = static_cast<const float*>(a.data);
    int64_t lda = a.row_stride;
    if (!plain_f32(a) || a.col_stride != 1 || term.winner != nullptr) {
      pack_a(isa, term, a, r.i0, d, r.rows, depth, scratch.a);
      a_data = scratch.a;
      lda = depth;
    }
    const bool accumulate = r.accumulate || d > r.d0;
    for (int64_t j = 0; j < r.cols; j += dot_cols) {
      const int64_t cols = std::min(dot_cols, r.cols - j);
      gemmact_isa::view b = term.b;
      advance(b, d, r.j0 + j);
      if (b.round_tf32 == 0) {
        isa.product->dot(a_data, lda, b.data, b.type, b.col_stride, depth, c + j, scratch.ldc, r.rows, cols,
                         accumulate);
        continue;
      }
      const gemmact_isa::view lines{b.data, b.type, b.col_stride, 1, b.round_tf32};
      isa.product->pack_a(&lines, cols, depth, scratch.b, depth);
      isa.product->dot(a_data, lda, scratch.b, gemmact_isa::f32, depth, depth, c + j, scratch.ldc, r.rows, cols,
                       accumulate);
    }
  }
}

}  // namespace

blocking blocking::choose(int64_t rows, int64_t cols, int64_t depth, int threads, bool fixed) {
  blocking b;
  b.rows = rows;
  b.cols = cols;
  b.depth = depth;
  // By the whole problem's rows: were it by a block's, a remainder's bits would depend on the number of threads.
  b.allow_dot = rows <= dot_rows;
  b.block_rows = std::min(rows, tile_rows);
  const int64_t split = fixed ? fixed_split : threads, shares = ceil_div(cols, split * tile_cols);
  b.block_cols = round_up(ceil_div(cols, split * shares), col_unit);
  // A few columns cut into uneven shares: the rows are shared instead, and each thread packs all of B.
  const bool uneven = 100 * cols < 85 * threads * b.block_cols;
  if (!fixed && uneven && cols <= tile_cols && rows >= 16 * int64_t(threads)) b.block_cols = round_up(cols, col_unit);
  if (!fixed && b.blocks() < threads) {
    const int64_t wanted = ceil_div(threads, b.col_blocks());
    b.block_rows = std::min(tile_rows, round_up(ceil_div(rows, wanted), 8));
  }
  return b;
}

void product_scratch::carve(carver& c, const blocking& sizes) {
  // Not by the block's rows: a run of fewer rows may cut them into fewer blocks.
  const int64_t rows = std::min(tile_rows, sizes.rows), cols = std::min(sizes.block_cols, sizes.cols);
  // Whole vectors are written, of at most 16 lanes; whole panels of B are packed.
  ldc = round_up(cols, 16);
  const int64_t depth = std::min(tile_depth, sizes.depth), long_depth = std::min(dot_depth, sizes.depth);
  a = c.take<float>(std::max(rows * depth, std::min(rows, dot_rows) * long_depth));
  b = c.take<float>(std::max(round_up(cols, col_unit) * depth, dot_cols * long_depth));
}

void multiply_block(const gemmact_isa::isa& isa, const product_term& term, const block_range& r, const blocking& sizes,
                    const product_scratch& scratch, float* c, const packed_a_watcher* watcher) {
  // A short B whose lines run along the depth needs no packing.
  if (sizes.allow_dot && watcher == nullptr && term.b.row_stride == 1) return dot_block(isa, term, r, scratch, c);
  for (int64_t d = r.d0; d < r.d1; d += tile_depth) {
    const int64_t depth = std::min(tile_depth, r.d1 - d);
    gemmact_isa::view a = term.a, b = term.b;
    advance(a, r.i0, d);
    advance(b, d, r.j0);
    const float* a_data = scratch.a;
    int64_t lda = depth;
    if (watcher == nullptr && readable_in_place(term, sizes)) {
      a_data = static_cast<const float*>(a.data);
      lda = a.row_stride;
    } else {
      if (watcher != nullptr) {
        // The watcher sees the stored values, before any rounding to tf32.
        gemmact_isa::view exact = a;
        exact.round_tf32 = 0;
        pack_a(isa, term, exact, r.i0, d, r.rows, depth, scratch.a);
        watcher->see(watcher->self, scratch.a, r.rows, depth);
      }
      if (watcher == nullptr || a.round_tf32 != 0) pack_a(isa, term, a, r.i0, d, r.rows, depth, scratch.a);
    }
    isa.product->pack_b(&b, depth, r.cols, scratch.b);
    const gemmact_isa::ahead next = next_of_b(term.b, d + depth, r);
    isa.product->multiply(a_data, lda, scratch.b, depth, c, scratch.ldc, r.rows, r.cols, r.accumulate || d > r.d0,
                          next.lines > 0 ? &next : nullptr);
  }
}

}  // namespace gemmact::cpu

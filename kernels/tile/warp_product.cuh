// A warp's share of a block's product: D (+)= A B^T from stages of shared memory, by mma.sync.
//
// A stage is multiplied in steps of 32 bytes along k, which every operand type has in a step of mma. Two sets of fragments
// take turns, so that a step's are loaded while the step before is multiplied; the last step of a stage loads the first of
// the next stage.
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/tile/operand_fragments.cuh"

namespace gemmact::tile {

// The tiles of a block's operands: `rows` and `cols` a warp, of block_rows and block_cols; `span` bytes along k.
struct product_shape {
  u32 block_rows, block_cols, rows, cols, span;
  bool a_along_k, b_along_k;
  bool promotes;           // sums leave the tensor cores' accumulators by promote()
  u32 parts = 1;           // tiles of B, one behind the other, of which a warp has equal columns each
  bool sums_rows = false;  // of A, over k, too: as A is stored, by additions in f32
};

template <class T, product_shape shape>
class warp_product {
 public:
  static constexpr int row_tiles = shape.rows / 16, col_tiles = shape.cols / 8, steps = shape.span / 32;
  static constexpr int part_tiles = col_tiles / int(shape.parts);  // of columns, beside each other
  static_assert(shape.rows % 16 == 0 && part_tiles * int(shape.parts) == col_tiles && part_tiles % 2 == 0 &&
                    steps % 2 == 0,
                "whole fragments, two of B at once; sets in turn");
  using sums = array<float, 4>[row_tiles][col_tiles];

  sums sum;

  // The warp's rows of A and of B in their tiles.
  GEMMACT_FN warp_product(u32 a_row, u32 b_row) : a_(a_row), b_(b_row) {}

  GEMMACT_FN void clear() {
    zero(sum);
    if constexpr (shape.promotes) zero(run_.sum);
    if constexpr (shape.sums_rows) {
      GEMMACT_UNROLL
      for (int i = 0; i < row_tiles; ++i) rows_.sum[i] = {};
    }
  }

  GEMMACT_FN void load(shared_address a, shared_address b, int step) {
    fragments& f = held_[step % 2];
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) a_.load(f.a[i], a, step, i);
    GEMMACT_UNROLL
    for (int j = 0; j < col_tiles / 2; ++j) {
      constexpr u32 part_bytes = shape.block_cols / shape.parts * shape.span;
      b_.load(f.b[j], b + u32(2 * j / part_tiles) * part_bytes, step, j % (part_tiles / 2));
    }
  }

  GEMMACT_FN void multiply(int step) {
    fragments& f = held_[step % 2];
    if constexpr (same<T, tf32>) f.round();
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < col_tiles; ++j) {
        const array<u32, 2> b = {{f.b[j / 2][j % 2 * 2], f.b[j / 2][j % 2 * 2 + 1]}};
        if constexpr (shape.promotes) arch::mma<T>(run_.sum[i][j], f.a[i], b);
        else arch::mma<T>(sum[i][j], f.a[i], b);
      }
    }
  }

  // Adds what a step has of A, before it is multiplied, to the lane's share of its rows' sums.
  GEMMACT_FN void sum_rows(int step) {
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) {
      GEMMACT_UNROLL
      for (int r = 0; r < 4; ++r) rows_.sum[i][r % 2] += sum_of_elements(held_[step % 2].a[i][r]);
    }
  }
  // Of row 8 * half + lane / 4 of row tile `i`, for all lanes of it.
  GEMMACT_FN float row_sum(int i, int half) const {
    float all = rows_.sum[i][half];
    all += bit_cast<float>(arch::shuffle_xor(bit_cast<u32>(all), 1u));
    all += bit_cast<float>(arch::shuffle_xor(bit_cast<u32>(all), 2u));
    return all;
  }

  // The sums, four at a time.
  static constexpr int quads = row_tiles * col_tiles;
  GEMMACT_FN array<float, 4> get(int quad) const { return sum[quad / col_tiles][quad % col_tiles]; }
  GEMMACT_FN void set(int quad, const array<float, 4>& four) { sum[quad / col_tiles][quad % col_tiles] = four; }

  // What has been summed since the last time joins `sum`, by additions in f32.
  GEMMACT_FN void promote() {
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < col_tiles; ++j) {
        GEMMACT_UNROLL
        for (int r = 0; r < 4; ++r) sum[i][j][r] += run_.sum[i][j][r];
      }
    }
    zero(run_.sum);
  }

 private:
  static GEMMACT_FN float sum_of_elements(u32 word) {
    if constexpr (same<T, tf32>) {
      return bit_cast<float>(word);
    } else if constexpr (same<T, e4m3_bits>) {
      const auto low = arch::unpack_e4m3(u16(word)), high = arch::unpack_e4m3(u16(word >> 16));
      return (low[0] + low[1]) + (high[0] + high[1]);
    } else {
      array<float, 2> two;
      if constexpr (same<T, f16_bits>) two = arch::unpack_f16(word);
      else two = arch::unpack_bf16(word);
      return two[0] + two[1];
    }
  }

  struct fragments {
    array<u32, 4> a[row_tiles];
    array<u32, 4> b[col_tiles / 2];  // two of B each

    // The hardware would cut off what tf32 has no bits for.
    GEMMACT_FN void round() {
      GEMMACT_UNROLL
      for (int i = 0; i < row_tiles; ++i) round(a[i]);
      GEMMACT_UNROLL
      for (int j = 0; j < col_tiles / 2; ++j) round(b[j]);
    }
    static GEMMACT_FN void round(array<u32, 4>& of) {
      GEMMACT_UNROLL
      for (int r = 0; r < 4; ++r) of[r] = arch::to_tf32(bit_cast<float>(of[r]));
    }
  };

  static GEMMACT_FN void zero(sums& of) {
    GEMMACT_UNROLL
    for (int i = 0; i < row_tiles; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < col_tiles; ++j) of[i][j] = {{0.0f, 0.0f, 0.0f, 0.0f}};
    }
  }

  struct none {};
  struct running {
    sums sum;
  };
  struct row_sums {
    array<float, 2> sum[row_tiles];  // of rows lane / 4, and 8 more
  };
  fragments held_[2];
  select_type<shape.promotes, running, none> run_;
  select_type<shape.sums_rows, row_sums, none> rows_;
  operand_fragments<side::a, T, shape.block_rows, shape.span, shape.a_along_k> a_;
  operand_fragments<side::b, T, shape.block_cols / shape.parts, shape.span, shape.b_along_k> b_;  // of each part
};

}  // namespace gemmact::tile

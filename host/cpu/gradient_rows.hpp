// dZ = dY o f'(what was kept), with the sums for the bias and the parameters, over row segments: the whole of
// activation_grad, and what input_grad does for the layer below.
#pragma once
#include "host/cpu/activation_rows.hpp"

namespace gemmact::cpu {

inline constexpr int max_sums = 8 + core::max_params;  // db of each piece, then each parameter

// The layer whose dZ is computed: this one (slot_bits 0) or the one below (GEMMACT_BELOW).
struct gradient_layer {
  const core::activation_use* use;
  gemmact_combine combine;
  int pieces;
  gemmact_keep keep;
  uint32_t slot_bits;
};

// Sums of a run: for each row block of the grid and each column, one partial sum of each kind; combined in a fixed order
// at the end, so that the bits do not depend on the threads.
class gradient_sums {
 public:
  gradient_sums(const core::problem& p, const gradient_layer& layer);
  // Lays out the partial sums for `row_blocks` x `cols` (and rows x `col_blocks` for a sum by row).
  void carve(carver& c, int64_t row_blocks, int64_t rows, int64_t cols, int64_t col_blocks);
  // Where a block adds: `cols` long, zeroed by the block; null when not asked for.
  float* by_column(int sum, int64_t b, int64_t row_block) const;
  float* by_row(int sum, int64_t b, int64_t col_block) const;
  bool wanted(int sum) const { return tensors_[sum] != nullptr; }
  bool any() const;
  // Combines and stores; m rows were summed in row_blocks blocks.
  void finish(const run_view& run, int64_t m, int64_t row_blocks, int64_t col_blocks, float* scratch) const;

 private:
  void finish_entry(const run_view& run, int sum, int64_t b0, int64_t b1, int64_t m, int64_t row_blocks,
                    int64_t col_blocks, float* scratch) const;
  const core::tensor* tensors_[max_sums] = {};
  float* column_sums_[max_sums] = {};
  float* row_sums_[max_sums] = {};
  int64_t batch_, blocks_ = 0, rows_ = 0, cols_ = 0, col_blocks_ = 0;
};

// A thread's scratch: arrays of one strip, whose rows are ld apart.
struct gradient_scratch {
  float *params, *kept[2], *dy, *df, *dz, *term;
  int64_t ld;
  void carve(carver& c, int64_t leading_dimension);
  int64_t elems() const { return strip_rows(ld) * ld; }
};

// One block of dZ.
class gradient_rows {
 public:
  gradient_rows(const run_view& run, const gradient_layer& layer, const activation_rows& act, const gradient_sums& sums,
                gradient_scratch& s);
  // A block of rows and columns, and the places of its partial sums, which start at 0.
  void begin(const strip& block, int64_t row_block, int64_t col_block);
  // The columns and the largest number of rows of the strips to come.
  void begin_columns(const strip& largest) { act_.begin_tile(largest); }
  // Rows that may be handled together.
  int64_t rows() const { return rows_; }
  // dy has the strip's values (and may be changed).
  void apply(const strip& at, float* dy);

 private:
  void load_kept(int index, const strip& at, float* out);
  void emit(int piece, const strip& at, const float* dz);
  void add_columns(float* sum, const strip& at, const float* values);
  void plain(const strip& at, float* dy);
  void gated(const strip& at, float* dy);
  void maxout(const strip& at, const float* dy);
  void param_sums(const strip& at, const float* dy);

  const run_view& run_;
  const gemmact_isa::row_maps& maps_;
  const gradient_layer& layer_;
  const gradient_sums& sums_;
  gradient_scratch& s_;
  activation_rows::row act_;
  place kept_[2], dz_[8];
  float* column_sum_[max_sums] = {};
  float* row_sum_[max_sums] = {};
  int64_t rows_;
};

}  // namespace gemmact::cpu

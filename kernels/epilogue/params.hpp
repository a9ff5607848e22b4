// What every epilogue is given; a step reads the members it knows. The host fills it, so that its layout does not depend
// on the chain.
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/base/same.hpp"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::epilogue {

inline constexpr int max_products = 8;  // of a maxout
inline constexpr int max_sums = 8;      // over rows that an epilogue may write: db of each product, then parameters

// Where a sum over rows goes, by column or (col_stride 0) one of all columns, for each batch entry or (batch_stride 0) of
// all of them.
struct sum_target {
  global_address base;           // null: the sum goes nowhere
  i64 batch_stride, col_stride;  // in elements
  u8 type;                       // families::element's number: 1 f32, 2 f16, 3 bf16
  u8 accumulate;                 // not 0: added to what is there
};

// How the sums of blocks come together (kernels/epilogue/column_sums.cuh). A part is what one block, or one warp, has
// summed of a batch entry's rows.
struct sums {
  sum_target to[max_sums];
  global_address partials;  // of the workspace, f32: [sum][row of sums_tree][cols], the first rows of [entry][part]
  global_address scalars;   // of the workspace, f32: [sum][entry][group of columns], of sums over all columns
  // Of the workspace, 0 between runs: [group of columns][counter of sums_tree], then one for each entry and one for all.
  global_address counters;
  i64 rows;  // as sums_tree says
  u32 group_counters;
  u32 cols, entries, parts;
  u32 groups;  // of columns that one block has
};

struct params {
  // Of D. A backward's: y is what is written (DZ, DX or DW), dx what goes out before the layer below's derivative, dy what
  // comes in where nothing is multiplied; kept is read; residual is what DW is added to.
  tile::matrix_view y, y_other, residual, kept, c, bias, dx, dy;
  tile::matrix_view alpha, beta, scale_x, scale_w, scale_y;  // f32
  tile::matrix_view amax;                                    // f32, out: one a batch entry if batch_stride is not 0
  tile::matrix_view param[4];                                // of the activation, from tensors
  float number[4];                                           // of the activation, from the problem
  // Of the workspace, 0 between runs: the largest |Y| of each of amax_count batch entries as bits, then a counter of
  // blocks that are done.
  global_address amax_words;
  u32 amax_count;
  sums sum;
  tile::matrices_ahead ahead;  // of those that are read, where nothing else brings them before they are
  // Of a gated pair's or a maxout's second and later products, laid out as the first one's.
  array<global_address, max_products - 1> y_of, residual_of, kept_of, c_of, bias_of, scale_w_of;

  // A matrix of one of the products, whose number may be known at compile time.
  template <tile::matrix_view params::*which>
  GEMMACT_FN tile::matrix_view at(u32 product) const {
    tile::matrix_view v = this->*which;
    constexpr auto others = bases_of<which>();
    if constexpr (others != nullptr)
      if (product != 0) v.base = (this->*others)[int(product) - 1];
    return v;
  }

 private:
  using bases = array<global_address, max_products - 1>;
  template <tile::matrix_view params::*which>
  GEMMACT_FN static constexpr bases params::*bases_of() {
    if constexpr (which == &params::y) return &params::y_of;
    else if constexpr (which == &params::residual) return &params::residual_of;
    else if constexpr (which == &params::kept) return &params::kept_of;
    else if constexpr (which == &params::c) return &params::c_of;
    else if constexpr (which == &params::bias) return &params::bias_of;
    else if constexpr (which == &params::scale_w) return &params::scale_w_of;
    else return nullptr;
  }
};

}  // namespace gemmact::epilogue

// What every epilogue is given; a step reads the members it knows. The host fills it, so that its layout does not depend
// on the chain.
#pragma once
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::epilogue {

struct params {
  tile::matrix_view y, y_other, residual, kept, c, bias;
  tile::matrix_view alpha, beta, scale_x, scale_w, scale_y;  // f32
  tile::matrix_view amax;                                    // f32, out: one a batch entry if batch_stride is not 0
  tile::matrix_view param[4];                                // of the activation, from tensors
  float number[4];                                           // of the activation, from the problem
  // Of the workspace, 0 between runs: the largest |Y| of each of amax_count batch entries as bits, then a counter of
  // blocks that are done.
  global_address amax_words;
  u32 amax_count;
};

}  // namespace gemmact::epilogue

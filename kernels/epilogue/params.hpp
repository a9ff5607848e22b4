// What every epilogue is given; a step reads the members it knows. The host fills it, so that its layout does not depend
// on the chain.
#pragma once
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::epilogue {

struct params {
  tile::matrix_view y, residual, kept;
  tile::matrix_view bias;  // per row: its stride is 1
  float activation[4];     // the parameters' values
};

}  // namespace gemmact::epilogue

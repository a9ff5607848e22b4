// What every epilogue is given; a step reads the members it knows. The host fills it, so that its layout does not depend
// on the chain.
#pragma once
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::epilogue {

struct params {
  tile::matrix_view y, residual, kept;
  global_address bias;
  u32 bias_vector;      // not 0: strips of a bias per column are aligned to 16 bytes
  float activation[4];  // the parameters' values
};

}  // namespace gemmact::epilogue

#pragma once
#include "kernels/base/address.hpp"

namespace gemmact::baseline {

// Of activation_pass: z and Y are one, row-major; rows and the bias consist of whole, aligned 16 bytes.
struct params {
  global_address y, bias;  // bias: one value a column, of Y's type; null where there is none
  i64 ld = 0;              // elements from a row to the next
  u32 rows = 0, cols = 0;  // rows * cols / the elements of 16 bytes < 2^31
  float number[4] = {};    // the function's parameters
};

}  // namespace gemmact::baseline

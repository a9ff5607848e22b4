// From a listed tensor to its strides, with every rule that concerns the tensor alone.
#pragma once
#include "host/core/listing.hpp"
#include "host/core/problem.hpp"

namespace gemmact::core {

// The rows and columns of the matrix that a slot is, or is spread over.
struct matrix_size {
  int64_t rows, cols;
};
matrix_size slot_matrix(const slot_rule& rule, bool below, int64_t m, int64_t n, int64_t k);

// The tensor as devices see it. Throws BAD_TENSOR, and BAD_SIZE when its bytes do not fit in 63 bits.
tensor lay_out(const gemmact_tensor& given, const slot_rule& rule, bool output, const listing& l);

}  // namespace gemmact::core

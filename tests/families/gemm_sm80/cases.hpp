// The layers that the family is tried on: every pair of values of the factors below occurs.
#pragma once
#include "tests/families/gemm_sm80/layer_case.hpp"
#include "tests/support/pairwise.hpp"

namespace gemmact::test {

const std::vector<factor>& case_factors();
const std::vector<factor_row>& case_rows();
layer_case make_case(uint64_t index);

// Bytes of a piece, by what the operands' places and strides allow.
int expected_piece(const layer_case&);

}  // namespace gemmact::test

// Walks of backward's products and of products beside each other, for tiles of any family.
#pragma once
#include "tests/families/emulated/walks.hpp"

namespace gemmact::test {

struct product_tile {
  int64_t rows, cols, stage;  // of D; of elements along the depth
  int64_t unit = 1;           // the factors' lengths are multiples of it
};

struct product_case {
  gemmact_operation operation = GEMMACT_FORWARD;
  gemmact_combine combine = GEMMACT_PLAIN;
  gemmact_type type = GEMMACT_BF16;
  uint32_t align_bytes = 16;            // of the factors
  bool a_along = true, b_along = true;  // the depth
  int pieces = 0;                       // of a maxout
  int sums =
      0;  // of input_grad's layer below: db, with a parameter's; or of a pair both db with one to three parameters'
  bool db = false;  // of weight_grad
  bool accumulates = false, sums_batch = false;
  int64_t batch = 1;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  bool splits = false;  // one tile of a long depth
};

// `plan` forces the tile; three of its tiles in a row, ragged at all edges, two stages of the depth and a part.
walk product_walk(const product_case& what, const product_tile& tile, const std::string& plan);

// Calls visit(case) for each way in which the factors may lie.
template <class Visit>
void each_product_order(product_case c, Visit&& visit) {
  for (const bool a : {true, false})
    for (const bool b : {true, false}) c.a_along = a, c.b_along = b, visit(c);
}

}  // namespace gemmact::test

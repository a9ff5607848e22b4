// How far f32 may be from what an expression says: its value in double, and a bound of the error, carried from operation to
// operation by what stands beside each in kernels/arch/math and the catalogue's own bounds.
#pragma once
#include "tests/host/equation/evaluate.hpp"

namespace gemmact::test {

struct rounding {
  double unit = 0x1p-24;  // of an operation; smaller where it is done in double
  bool fast = false;
};

// Not known: where a comparison lies within the errors of what it compares, or what overflows in f32 alone.
struct bounded {
  double value = 0, error = 0;
  bool known = true;

  bool allows(double result) const;
};

bounded bounded_value(const equation::graph& g, equation::node_id root, const point& at, const rounding& by);

}  // namespace gemmact::test

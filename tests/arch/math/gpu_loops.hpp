// The catalogue as a GPU computes it, through the emulated instructions.
#pragma once
#include "tests/kernels/bounds.hpp"

namespace gemmact::test {

loop gpu_loop(const subject& s, accuracy mode);

// The errors of the instructions, as shares of the documented ones: while one lives, each result is off by `share` of its
// instruction, or by all of it one way or the other, as drawn from the operand and the seed.
class wrong_instructions {
 public:
  struct shares {
    double ex2 = 0, lg2 = 0, rcp = 0, rsqrt = 0, sqrt = 0, sin = 0, cos = 0, tanh = 0;
  };
  explicit wrong_instructions(const shares& s);
  explicit wrong_instructions(uint64_t seed);
  ~wrong_instructions();
  wrong_instructions(const wrong_instructions&) = delete;
  wrong_instructions& operator=(const wrong_instructions&) = delete;
};

}  // namespace gemmact::test

// What happens to z on its way to memory, as a type: chain<bias_per_column<...>, activate<...>, store<...>>. Each step is a
// struct with
//
//   GEMMACT_FN void begin(const params&, u32 col, u32 valid)      if it has anything to remember: the strips to come begin
//                                                                at column `col`, of which `valid` lie inside
//   GEMMACT_FN void apply(const params&, tile::strip&)
//
// that whole warps call with strips of 4 lanes beside each other in a row; strips outside of the matrix (valid == 0) too,
// for which nothing may be read or written.
#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

template <class... Steps>
class chain : Steps... {
 public:
  GEMMACT_FN void begin(const params& p, u32 col, u32 valid) { (begin_step<Steps>(p, col, valid), ...); }
  GEMMACT_FN void apply(const params& p, tile::strip& s) { (Steps::apply(p, s), ...); }

 private:
  template <class Step>
  GEMMACT_FN void begin_step(const params& p, u32 col, u32 valid) {
    if constexpr (requires(Step step) { step.begin(p, col, valid); }) Step::begin(p, col, valid);
  }
};

}  // namespace gemmact::epilogue

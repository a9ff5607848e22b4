// What happens to z on its way to memory, as a type: chain<bias<...>, activate<...>, store<...>>. Each step is a struct
// with
//
//   GEMMACT_FN static void apply(const epilogue::params&, tile::strip&);
//
// that whole warps call with strips of 4 lanes beside each other in a row; strips outside of the matrix (valid == 0) too,
// for which nothing may be read or written.
#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

template <class... Steps>
struct chain {
  static GEMMACT_FN void apply(const params& p, tile::strip& s) { (Steps::apply(p, s), ...); }
};

}  // namespace gemmact::epilogue

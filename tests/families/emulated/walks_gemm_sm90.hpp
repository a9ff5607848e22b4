// What gemm_sm90's walks share: the tiles that the emulated GPU has most kernels of, and lengths.
#pragma once
#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/families/emulated/walks.hpp"

namespace gemmact::test {

// Of configs.inc.
inline int row_of(u32 block_m, u32 block_n, u32 cluster, bool pingpong) {
  namespace gemm = families::gemm_sm90;
  int row = 0;
  while (gemm::configs[row].block_m != block_m || gemm::configs[row].block_n != block_n ||
         gemm::configs[row].cluster != cluster || gemm::configs[row].pingpong != pingpong)
    ++row;
  return row;
}
inline const int together = row_of(128, 128, 1, false), in_turn = row_of(64, 128, 1, true);
inline const int two_together = row_of(128, 256, 2, false), two_in_turn = row_of(128, 128, 2, true);
inline const int narrow_slabs = row_of(128, 160, 1, false);

inline int64_t up(int64_t size, int64_t to) { return (size + to - 1) / to * to; }

// Of several products, of backward's operations, with sums over rows: parts of the lists of walks.hpp.
std::vector<walk> all_gemm_sm90_product_walks();
std::vector<walk> telling_gemm_sm90_product_walks();
std::vector<walk> split_gemm_sm90_product_walks();
std::vector<walk> shared_gemm_sm90_product_walks();

}  // namespace gemmact::test

#include "tests/support/emulated_gpu/gemm_sm80_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM80_HALVES(bf16_bits, 16) GEMM_SM80_HALVES(bf16_bits, 2)});

#if !defined(GEMMACT_EMULATED_PART)
const add_kernels other_pieces({GEMM_SM80_HALVES(bf16_bits, 8) GEMM_SM80_HALVES(bf16_bits, 4)});
const add_kernels many_rows({GEMM_SM80_ORDERS(GEMM_SM80, bf16_bits, GEMM_SM80_MANY_ROWS(16))});

// Each tile along k, and those whose sums leave room in the smaller pieces, too.
#define GEMMACT_GEMM_SM80(...) GEMM_SM80(bf16_bits, GEMM_SM80_TILE(16, __VA_ARGS__))
const add_kernels every_tile({
#include "kernels/families/gemm_sm80/configs.inc"
});
#undef GEMMACT_GEMM_SM80

#define SMALL_PIECES(...)                              \
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(8, __VA_ARGS__)) \
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(4, __VA_ARGS__)) GEMM_SM80(bf16_bits, GEMM_SM80_TILE(2, __VA_ARGS__))
const add_kernels small_pieces({SMALL_PIECES(128, 128, 64, 4, 2, 4, 1) SMALL_PIECES(64, 128, 128, 3, 2, 4, 1)
                                    SMALL_PIECES(64, 64, 128, 4, 2, 2, 2) SMALL_PIECES(32, 128, 128, 4, 1, 4, 1)
                                        SMALL_PIECES(16, 128, 128, 4, 1, 4, 2)});
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu

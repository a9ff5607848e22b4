#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM90_ORDERS(GEMM_SM90_ALL, bf16_bits, GEMM_SM90_TOGETHER)
                                 GEMM_SM90_ORDERS(GEMM_SM90_ALL, bf16_bits, GEMM_SM90_IN_TURN)});

// Both ways in which two blocks share B. Beside a residual the largest tile has room for a stage less.
const add_kernels clusters({GEMM_SM90_ORDERS(GEMM_SM90, bf16_bits, GEMM_SM90_TWO_TOGETHER) GEMM_SM90_ORDERS(
    GEMM_SM90, bf16_bits, GEMM_SM90_TWO_IN_TURN) GEMM_SM90(bf16_bits, GEMM_SM90_TWO_TOGETHER, .batched = true)
                                GEMM_SM90(bf16_bits, GEMM_SM90_TWO_IN_TURN, .b_along_k = false, .batched = true)
                                    GEMM_SM90(bf16_bits, GEMM_SM90_TILE(128, 256, 3, 2, false, false), .reads = true)});

// A part of a tile whose warps fill each slab twice.
const add_kernels wide({GEMM_SM90(bf16_bits, GEMM_SM90_TILE(64, 256, 4, 1, true, false), .splits = true)});

#if !defined(GEMMACT_EMULATED_PART)
// Each tile along k.
#define GEMMACT_GEMM_SM90(...) \
  GEMM_SM90(bf16_bits, GEMM_SM90_TILE(__VA_ARGS__)) GEMM_SM90(bf16_bits, GEMM_SM90_TILE(__VA_ARGS__), .staged = false)
const add_kernels every_tile({
#include "kernels/families/gemm_sm90/configs.inc"
});
#undef GEMMACT_GEMM_SM90
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu

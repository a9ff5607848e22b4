#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

// Sums leave the tensor cores' accumulators after each stage, or never.
#define GEMM_SM90_SUMS(ways, T, ...) ways(T, __VA_ARGS__) ways(T, __VA_ARGS__, .promotes = true)

const add_kernels few_tiles(
    {GEMM_SM90_ALL(tf32, GEMM_SM90_TOGETHER) GEMM_SM90(tf32, GEMM_SM90_IN_TURN)
         GEMM_SM90(tf32, GEMM_SM90_IN_TURN, .staged = false)
             GEMM_SM90_SUMS(GEMM_SM90_STAGED, e4m3_bits, GEMM_SM90_TOGETHER)
                 GEMM_SM90_SUMS(GEMM_SM90_STAGED, e4m3_bits, GEMM_SM90_TOGETHER, .batched = true)
                     GEMM_SM90_SUMS(GEMM_SM90, e4m3_bits, GEMM_SM90_TOGETHER, .staged = false)
                         GEMM_SM90_SUMS(GEMM_SM90, e4m3_bits, GEMM_SM90_TOGETHER, .staged = false, .batched = true)
                             GEMM_SM90_SUMS(GEMM_SM90, e4m3_bits, GEMM_SM90_TOGETHER, .splits = true)
                                 GEMM_SM90_SUMS(GEMM_SM90, e4m3_bits, GEMM_SM90_IN_TURN)
                                     GEMM_SM90_SUMS(GEMM_SM90, e4m3_bits, GEMM_SM90_IN_TURN, .staged = false)});

}  // namespace
}  // namespace gemmact::emulated_gpu

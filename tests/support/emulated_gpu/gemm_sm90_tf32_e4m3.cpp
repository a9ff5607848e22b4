#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

// Sums leave the tensor cores' accumulators after each stage, or never.
#define GEMM_SM90_SUMS(T, ...) GEMM_SM90(T, __VA_ARGS__) GEMM_SM90(T, __VA_ARGS__, .promotes = true)
#define GEMM_SM90_STAGED_SUMS(T, ...)                \
  GEMM_SM90_STAGED(T, __VA_ARGS__)                   \
  GEMM_SM90_STAGED(T, __VA_ARGS__, .promotes = true) \
  GEMM_SM90_BOTH(T, __VA_ARGS__) GEMM_SM90_BOTH(T, __VA_ARGS__, .promotes = true)
#define GEMM_SM90_SPLIT_SUMS(T, ...) GEMM_SM90_SUMS(T, __VA_ARGS__, .splits = true)

const add_kernels few_tiles(
    {GEMM_SM90_ALL(tf32, GEMM_SM90_TOGETHER) GEMM_SM90_OUTPUTS(GEMM_SM90, tf32, GEMM_SM90_IN_TURN)
         GEMM_SM90_BATCHES(GEMM_SM90_STAGED_SUMS, e4m3_bits, GEMM_SM90_TOGETHER)
             GEMM_SM90_BATCHES(GEMM_SM90_SUMS, e4m3_bits, GEMM_SM90_TOGETHER, .staged = false)
                 GEMM_SM90_BATCHES(GEMM_SM90_SPLIT_SUMS, e4m3_bits, GEMM_SM90_TOGETHER)
                     GEMM_SM90_BATCHES(GEMM_SM90_SPLIT_SUMS, e4m3_bits, GEMM_SM90_TOGETHER, .staged = false)
                         GEMM_SM90_OUTPUTS(GEMM_SM90_SUMS, e4m3_bits, GEMM_SM90_IN_TURN)});

}  // namespace
}  // namespace gemmact::emulated_gpu

// gemm_sm80's kernels: each tile of configs.inc with each size of a copy's pieces.
#include "kernels/families/gemm_sm80/kernel.cuh"

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {
namespace {

#define KERNEL(m, n, span, count, rows, cols, blocks, piece, T)                                          \
  GEMMACT_EMULATED_KERNEL(families::gemm_sm80::kernel<families::gemm_sm80::config{.block_m = m,          \
                                                                                  .block_n = n,          \
                                                                                  .span_bytes = span,    \
                                                                                  .stages = count,       \
                                                                                  .warps_m = rows,       \
                                                                                  .warps_n = cols,       \
                                                                                  .min_blocks = blocks,  \
                                                                                  .piece_bytes = piece}, \
                                                      T, any_chain>),
#define GEMMACT_GEMM_SM80(...)       \
  KERNEL(__VA_ARGS__, 16, bf16_bits) \
  KERNEL(__VA_ARGS__, 8, bf16_bits) KERNEL(__VA_ARGS__, 4, bf16_bits) KERNEL(__VA_ARGS__, 2, bf16_bits)

const add_kernels all({
#include "kernels/families/gemm_sm80/configs.inc"
});

}  // namespace
}  // namespace gemmact::emulated_gpu

// gemm_simt's kernels: the smallest tile in every type, order and piece, the others for bf16 operands along k.
#include "kernels/families/gemm_simt/kernel.cuh"

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
#define GEMM_SIMT(T, ...) \
  GEMMACT_EMULATED_KERNEL(families::gemm_simt::kernel<families::gemm_simt::config{__VA_ARGS__}, T, any_chain>),
#define GEMM_SIMT_TILE(m, n, k, warps, blocks) \
  .block_m = m, .block_n = n, .depth = k, .warps_m = warps, .min_blocks = blocks

#define GEMM_SIMT_ORDERS(T, ...) \
  GEMM_SIMT(T, __VA_ARGS__) GEMM_SIMT(T, __VA_ARGS__, .a_along_k = false) GEMM_SIMT(T, __VA_ARGS__, .b_along_k = false) \
  GEMM_SIMT(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false)
#define GEMM_SIMT_SMALLEST(T, several) \
  GEMM_SIMT_ORDERS(T, GEMM_SIMT_TILE(16, 32, 64, 2, 6), .piece = several) \
  GEMM_SIMT_ORDERS(T, GEMM_SIMT_TILE(16, 32, 64, 2, 6), .piece = 1)
#define GEMM_SIMT_OTHER(...) \
  GEMM_SIMT(bf16_bits, GEMM_SIMT_TILE(__VA_ARGS__), .piece = 8) GEMM_SIMT(bf16_bits, GEMM_SIMT_TILE(__VA_ARGS__), .piece = 1)
// clang-format on

const add_kernels all({GEMM_SIMT_SMALLEST(float, 4) GEMM_SIMT_SMALLEST(tf32, 4) GEMM_SIMT_SMALLEST(f16_bits, 8)
                           GEMM_SIMT_SMALLEST(bf16_bits, 8) GEMM_SIMT_SMALLEST(e4m3_bits, 8)
                               GEMM_SIMT_OTHER(32, 64, 32, 2, 4) GEMM_SIMT_OTHER(64, 64, 32, 2, 3)
                                   GEMM_SIMT_OTHER(128, 64, 16, 2, 3) GEMM_SIMT_OTHER(128, 128, 16, 2, 1)});

}  // namespace
}  // namespace gemmact::emulated_gpu

// gemm_simt's kernels of backward's products and of products beside each other, with the smallest tile: samples of the types,
// orders and pieces.
#include "kernels/families/gemm_simt/kernel.cuh"

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
#define GEMM_SIMT(T, ...) \
  GEMMACT_EMULATED_KERNEL(families::gemm_simt::kernel<families::gemm_simt::config{__VA_ARGS__}, T, any_chain>),
#define TILE(n, k, blocks, count) \
  .block_m = 16, .block_n = n, .depth = k, .warps_m = 2, .min_blocks = blocks, .piece = count
#define SMALLEST(count) TILE(32, 64, 6, count)
#define ORDERS(T, tile, ...) \
  GEMM_SIMT(T, tile, __VA_ARGS__) GEMM_SIMT(T, tile, .a_along_k = false, __VA_ARGS__) \
  GEMM_SIMT(T, tile, .b_along_k = false, __VA_ARGS__) GEMM_SIMT(T, tile, .a_along_k = false, .b_along_k = false, __VA_ARGS__)

const add_kernels summed({
  ORDERS(float, SMALLEST(1), .row_sums = true) ORDERS(float, SMALLEST(1), .sums = 1) ORDERS(float, SMALLEST(1), .sums = 2)
  ORDERS(bf16_bits, SMALLEST(8), .row_sums = true) ORDERS(bf16_bits, SMALLEST(8), .sums = 1)
  GEMM_SIMT(float, SMALLEST(1), .b_along_k = false, .sums = 3)
  GEMM_SIMT(f16_bits, SMALLEST(1), .b_along_k = false, .sums = 1) GEMM_SIMT(bf16_bits, SMALLEST(1), .b_along_k = false, .sums = 1)
  GEMM_SIMT(tf32, SMALLEST(1), .a_along_k = false, .b_along_k = false, .row_sums = true)
  GEMM_SIMT(tf32, SMALLEST(1), .b_along_k = false, .sums = 1)
  GEMM_SIMT(e4m3_bits, SMALLEST(1), .row_sums = true)
});

const add_kernels split({
  GEMM_SIMT(float, SMALLEST(1), .splits = true)
  GEMM_SIMT(bf16_bits, SMALLEST(8), .a_along_k = false, .b_along_k = false, .splits = true, .row_sums = true)
  GEMM_SIMT(float, SMALLEST(1), .a_along_k = false, .b_along_k = false, .splits = true, .masked = true)
});

const add_kernels masked({
  ORDERS(float, SMALLEST(1), .masked = true) ORDERS(float, SMALLEST(1), .masked = true, .row_sums = true)
  ORDERS(bf16_bits, SMALLEST(8), .masked = true)
  GEMM_SIMT(bf16_bits, SMALLEST(8), .a_along_k = false, .b_along_k = false, .masked = true, .row_sums = true)
  GEMM_SIMT(f16_bits, SMALLEST(1), .b_along_k = false, .masked = true)
});

// What the smallest tile is made of for products beside each other (family.hpp).
const add_kernels beside({
  ORDERS(float, TILE(64, 32, 6, 1), .parts = 2) ORDERS(bf16_bits, TILE(64, 32, 6, 8), .parts = 2)
  GEMM_SIMT(f16_bits, TILE(64, 32, 6, 1), .parts = 2) GEMM_SIMT(e4m3_bits, TILE(64, 32, 6, 8), .parts = 2)
  GEMM_SIMT(float, TILE(96, 32, 6, 1), .parts = 3) GEMM_SIMT(bf16_bits, TILE(96, 32, 6, 8), .parts = 3)
  GEMM_SIMT(float, TILE(128, 16, 6, 4), .parts = 4) GEMM_SIMT(bf16_bits, TILE(160, 16, 1, 1), .parts = 5)
  GEMM_SIMT(f16_bits, TILE(192, 16, 1, 8), .parts = 6) GEMM_SIMT(tf32, TILE(224, 8, 1, 1), .parts = 7)
  GEMM_SIMT(float, TILE(256, 8, 1, 1), .parts = 8) GEMM_SIMT(bf16_bits, TILE(256, 8, 1, 8), .parts = 8)
});
// clang-format on

}  // namespace
}  // namespace gemmact::emulated_gpu

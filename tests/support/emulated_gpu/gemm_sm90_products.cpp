// Several products at once, backward's, and sums over rows.
#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
// Products that share X's tiles, of layers as they are stored, and of one whose W lies along n.
#define GATED(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .parts = 2) GEMM_SM90(T, __VA_ARGS__, .keeps = true, .parts = 2) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .parts = 2) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .reads = true, .keeps = true, .parts = 2) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .splits = true, .parts = 2) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .parts = 2) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true, .parts = 2)
#define PARTS(m, n, count, blocks, turns, number) \
  GEMM_SM90(bf16_bits, GEMM_SM90_TILE(m, n, count, blocks, turns), .parts = number)

// dX = dZ W, of pairs too, with the gradient of the layer below: what it kept by TMA, its sums, DX beside them.
#define INPUT_GRAD(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .pairs = 2) GEMM_SM90(T, __VA_ARGS__, .sums = 1) \
  GEMM_SM90(T, __VA_ARGS__, .reads = true, .sums = 1) GEMM_SM90(T, __VA_ARGS__, .reads = true, .keeps = true, .sums = 1) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .reads = true, .keeps = true, .pairs = 2, .sums = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .sums = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true, .pairs = 2, .sums = 1)

// dW = dZ^T X, one for each product, added to what is there or not, summed over the batch or not, with db.
#define WEIGHT_GRAD(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .sums_a = 1) GEMM_SM90(T, __VA_ARGS__, .reads = true, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .sums_batch = true, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .splits = true, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .splits = true, .outputs = 2, .sums_batch = true, .sums_a = 3) \
  GEMM_SM90(T, __VA_ARGS__, .reads = true, .outputs = 2, .sums_a = 2) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .outputs = 2, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true, .sums_batch = true, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .outputs = 2, .sums_a = 3)

#define ALONG_N(...) __VA_ARGS__, .b_along_k = false
#define ALONG_ROWS(...) __VA_ARGS__, .a_along_k = false, .b_along_k = false

// The other orders of factors, of what is most.
#define PAIR_OF_INPUTS(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .pairs = 2) GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true, .pairs = 2)
#define SUMMED_INPUT(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .sums = 1) GEMM_SM90(T, __VA_ARGS__, .staged = false, .sums = 1) \
  GEMM_SM90(T, __VA_ARGS__, .batched = true, .reads = true, .sums = 1)
#define SUMMED_WEIGHT(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .sums_a = 1) GEMM_SM90(T, __VA_ARGS__, .staged = false, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true, .sums_batch = true, .sums_a = 1) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .outputs = 2, .sums_a = 3)

const add_kernels products({
  GATED(bf16_bits, GEMM_SM90_TOGETHER) GATED(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER))
  GEMM_SM90(bf16_bits, GEMM_SM90_IN_TURN, .keeps = true, .parts = 2)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TWO_TOGETHER), .parts = 2)
  GEMM_SM90(bf16_bits, GEMM_SM90_TWO_IN_TURN, .reads = true, .parts = 2)
  GEMM_SM90(tf32, GEMM_SM90_TOGETHER, .parts = 2) GEMM_SM90(e4m3_bits, GEMM_SM90_TOGETHER, .promotes = true, .parts = 2)
  PARTS(128, 192, 4, 1, false, 3) PARTS(128, 128, 4, 1, false, 4) PARTS(128, 160, 5, 1, false, 5)
  PARTS(128, 192, 4, 2, false, 6)
  GEMM_SM90(bf16_bits, GEMM_SM90_TOGETHER, .staged = false, .parts = 4)
  GEMM_SM90(bf16_bits, GEMM_SM90_TOGETHER, .reads = true, .parts = 4)
});
const add_kernels gradients({
  INPUT_GRAD(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER))
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER), .splits = true, .sums = 1)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER), .reads = true, .keeps = true, .sums = 2)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER), .reads = true, .keeps = true, .reads_pair = true)
  GEMM_SM90(bf16_bits, GEMM_SM90_TOGETHER, .a_along_k = false, .reads = true, .keeps = true, .reads_pair = true)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER), .reads = true, .keeps = true, .reads_pair = true, .sums = 2)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_IN_TURN), .reads = true, .keeps = true, .reads_pair = true, .sums = 2)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_IN_TURN), .reads = true, .keeps = true, .sums = 1)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TWO_TOGETHER), .sums = 1)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TWO_TOGETHER), .reads = true, .sums = 1)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TWO_IN_TURN), .sums = 1)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TWO_IN_TURN), .reads = true, .keeps = true, .reads_pair = true, .sums = 2)
  WEIGHT_GRAD(bf16_bits, ALONG_ROWS(GEMM_SM90_TOGETHER))
  GEMM_SM90(tf32, GEMM_SM90_TOGETHER, .staged = false, .sums = 1)
#if !defined(GEMMACT_EMULATED_PART)
  GEMM_SM90_ORDERS(PAIR_OF_INPUTS, f16_bits, GEMM_SM90_TOGETHER) GEMM_SM90_ORDERS(SUMMED_INPUT, f16_bits, GEMM_SM90_TOGETHER)
  GEMM_SM90_ORDERS(SUMMED_WEIGHT, f16_bits, GEMM_SM90_TOGETHER)
  GEMM_SM90(bf16_bits, ALONG_N(GEMM_SM90_TOGETHER), .batched = true, .reads = true, .sums = 2)
  GEMM_SM90(bf16_bits, ALONG_ROWS(GEMM_SM90_TOGETHER), .staged = false, .batched = true, .splits = true, .sums_batch = true, \
            .sums_a = 1)
#endif
  GEMM_SM90(bf16_bits, ALONG_ROWS(GEMM_SM90_IN_TURN), .sums_a = 1)
  GEMM_SM90(bf16_bits, ALONG_ROWS(GEMM_SM90_TWO_TOGETHER), .sums_a = 1)
});
// clang-format on

}  // namespace
}  // namespace gemmact::emulated_gpu

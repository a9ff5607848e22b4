// gemm_sm80's kernels of backward's products, whose sums over rows and masks are of their own, and of products beside each
// other: each of them with bf16 operands in whole pieces; samples of what differs otherwise.
#include "tests/support/emulated_gpu/gemm_sm80_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
#define ROW_SUMS(T, ...) GEMM_SM80(T, __VA_ARGS__, .row_sums = true)
#define ONE_SUM(T, ...) GEMM_SM80(T, __VA_ARGS__, .sums = 1)
#define TWO_SUMS(T, ...) GEMM_SM80(T, __VA_ARGS__, .sums = 2)
#define BATCHED(way, T, ...) way(T, __VA_ARGS__) way(T, __VA_ARGS__, .batched = true)
#define ROW_SUMS_OF_BATCHES(T, ...) BATCHED(ROW_SUMS, T, __VA_ARGS__)
#define SUMS_OF_BATCHES(T, ...) BATCHED(ONE_SUM, T, __VA_ARGS__) BATCHED(TWO_SUMS, T, __VA_ARGS__)

const add_kernels summed({
  GEMM_SM80_ORDERS(ROW_SUMS_OF_BATCHES, bf16_bits, GEMM_SM80_FEW_ROWS(16))
  GEMM_SM80_ORDERS(SUMS_OF_BATCHES, bf16_bits, GEMM_SM80_FEW_ROWS(16))
  ROW_SUMS(bf16_bits, GEMM_SM80_FEW_ROWS(16), .a_along_k = false, .b_along_k = false, .splits = true)
  ROW_SUMS(bf16_bits, GEMM_SM80_FEW_ROWS(16), .a_along_k = false, .b_along_k = false, .batched = true, .splits = true)
  ONE_SUM(bf16_bits, GEMM_SM80_FEW_ROWS(16), .b_along_k = false, .splits = true)
  GEMM_SM80(bf16_bits, GEMM_SM80_FEW_ROWS(16), .b_along_k = false, .sums = 3)
  GEMM_SM80(bf16_bits, GEMM_SM80_FEW_ROWS(16), .b_along_k = false, .sums = 4)
  GEMM_SM80(bf16_bits, GEMM_SM80_FEW_ROWS(16), .b_along_k = false, .sums = 5)
#if !defined(GEMMACT_EMULATED_PART)
  GEMM_SM80_ORDERS(ROW_SUMS, bf16_bits, GEMM_SM80_FEW_ROWS(2))
  GEMM_SM80_ORDERS(ROW_SUMS, f16_bits, GEMM_SM80_FEW_ROWS(16))
  GEMM_SM80_ORDERS(ONE_SUM, f16_bits, GEMM_SM80_FEW_ROWS(2))
#endif
  GEMM_SM80_ORDERS(ROW_SUMS, tf32, GEMM_SM80_FEW_ROWS(16))
  ONE_SUM(tf32, GEMM_SM80_FEW_ROWS(16), .b_along_k = false)
  ROW_SUMS(e4m3_bits, GEMM_SM80_FEW_ROWS(16)) ROW_SUMS(e4m3_bits, GEMM_SM80_FEW_ROWS(16), .promote_bytes = 128)
  ONE_SUM(e4m3_bits, GEMM_SM80_FEW_ROWS(16), .promote_bytes = 128)
});

// dY by its winner: input_grad's lies along k, weight_grad's along its rows.
#define MASKED(T, span, ...) \
  GEMM_SM80(T, __VA_ARGS__, .batched = true, .index_span = span) \
  GEMM_SM80(T, __VA_ARGS__, .b_along_k = false, .batched = true, .index_span = span) \
  GEMM_SM80(T, __VA_ARGS__, .a_along_k = false, .batched = true, .index_span = span) \
  GEMM_SM80(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false, .batched = true, .index_span = span) \
  GEMM_SM80(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false, .batched = true, .index_span = span, .row_sums = true)
#define MASKED_SPLITS(T, span, ...) \
  GEMM_SM80(T, __VA_ARGS__, .b_along_k = false, .batched = true, .splits = true, .index_span = span) \
  GEMM_SM80(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false, .batched = true, .splits = true, .index_span = span, \
            .row_sums = true)

const add_kernels masked({
  MASKED(bf16_bits, 64, GEMM_SM80_FEW_ROWS(16)) MASKED_SPLITS(bf16_bits, 64, GEMM_SM80_FEW_ROWS(16))
  MASKED(tf32, 32, GEMM_SM80_FEW_ROWS(16))
#if !defined(GEMMACT_EMULATED_PART)
  MASKED(bf16_bits, 64, GEMM_SM80_FEW_ROWS(8)) MASKED(f16_bits, 64, GEMM_SM80_FEW_ROWS(16))
#endif
});

// What the tile of few rows is made of for products beside each other (operands.hpp).
#define PARTS(T, piece, count, width, stages, ...) \
  GEMM_SM80(T, GEMM_SM80_TILE(piece, 16, width, 128, stages, 1, 1, 2) __VA_OPT__(,) __VA_ARGS__, .parts = count)
#define PAIRS(T, piece, ...) PARTS(T, piece, 2, 64, 6 __VA_OPT__(,) __VA_ARGS__)
#define ORDERED_PAIRS(T, piece, ...) \
  PAIRS(T, piece __VA_OPT__(,) __VA_ARGS__) PAIRS(T, piece, .a_along_k = false __VA_OPT__(,) __VA_ARGS__) \
  PAIRS(T, piece, .b_along_k = false __VA_OPT__(,) __VA_ARGS__) \
  PAIRS(T, piece, .a_along_k = false, .b_along_k = false __VA_OPT__(,) __VA_ARGS__)
#define MANY(count, width, stages) \
  PARTS(bf16_bits, 16, count, width, stages) PARTS(bf16_bits, 16, count, width, stages, .batched = true)

// A single warp has not the registers for more.
#define MORE(count, width, ...) \
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(16, 32, width, 128, 2, 2, 1, 1) __VA_OPT__(,) __VA_ARGS__, .parts = count)
#define MANY_MORE(count, width) MORE(count, width) MORE(count, width, .batched = true)

const add_kernels beside({
  ORDERED_PAIRS(bf16_bits, 16) ORDERED_PAIRS(bf16_bits, 16, .batched = true)
  MANY(3, 96, 4) MANY_MORE(8, 256)
  PAIRS(tf32, 16) PAIRS(tf32, 16, .a_along_k = false, .b_along_k = false) PAIRS(e4m3_bits, 16)
  PAIRS(e4m3_bits, 16, .promote_bytes = 128)
#if !defined(GEMMACT_EMULATED_PART)
  MANY(4, 128, 3) MANY(5, 160, 2) MANY(6, 192, 2) MANY_MORE(7, 224)
  PAIRS(bf16_bits, 8) PAIRS(bf16_bits, 4) PAIRS(bf16_bits, 2) ORDERED_PAIRS(f16_bits, 16) PARTS(f16_bits, 2, 3, 96, 4)
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(16, 128, 128, 64, 3, 2, 2, 2), .parts = 2)
#endif
});
// clang-format on

}  // namespace
}  // namespace gemmact::emulated_gpu

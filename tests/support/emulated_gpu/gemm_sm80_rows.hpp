// Rows of gemm_sm80's kernels, which differ in the type that is multiplied, the tile, and what the operands decide.
#pragma once
#include "kernels/families/gemm_sm80/kernel.cuh"
#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

// clang-format off
#define GEMM_SM80(T, ...) \
  GEMMACT_EMULATED_KERNEL(families::gemm_sm80::kernel<families::gemm_sm80::config{__VA_ARGS__}, T, any_chain>),

// A row of configs.inc, behind the bytes of a copy's piece.
#define GEMM_SM80_TILE(piece, m, n, span, count, rows, cols, blocks) \
  .block_m = m, .block_n = n, .span_bytes = span, .stages = count, .warps_m = rows, .warps_n = cols, \
  .min_blocks = blocks, .piece_bytes = piece

// The two tiles that a GPU with 68 KiB of shared memory has: one of few rows, one whose warps have 64 x 64 sums each.
#define GEMM_SM80_FEW_ROWS(piece) GEMM_SM80_TILE(piece, 16, 64, 128, 6, 1, 2, 2)
#define GEMM_SM80_MANY_ROWS(piece) GEMM_SM80_TILE(piece, 128, 128, 64, 3, 2, 2, 2)

#define GEMM_SM80_BATCHES(T, ...) GEMM_SM80(T, __VA_ARGS__) GEMM_SM80(T, __VA_ARGS__, .batched = true)
#define GEMM_SM80_SPLITS(T, ...) \
  GEMM_SM80_BATCHES(T, __VA_ARGS__) \
  GEMM_SM80(T, __VA_ARGS__, .splits = true) GEMM_SM80(T, __VA_ARGS__, .batched = true, .splits = true)

#define GEMM_SM80_ORDERS(ways, T, ...) \
  ways(T, __VA_ARGS__) ways(T, __VA_ARGS__, .a_along_k = false) ways(T, __VA_ARGS__, .b_along_k = false) \
  ways(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false)

// All kernels of 16-bit operands with the tile of few rows, which have all lines. The other one, whose sums fill its
// registers, exists in pieces of 16 bytes alone, and for no batches.
#define GEMM_SM80_HALVES(T, piece) GEMM_SM80_ORDERS(GEMM_SM80_SPLITS, T, GEMM_SM80_FEW_ROWS(piece))
// clang-format on

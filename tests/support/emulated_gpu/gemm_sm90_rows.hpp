// Rows of gemm_sm90's kernels, which differ in the type that is multiplied, the tile, and what the operands decide.
#pragma once
#include "kernels/families/gemm_sm90/kernel.cuh"
#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

// clang-format off
#define GEMM_SM90(T, ...) \
  GEMMACT_EMULATED_KERNEL(families::gemm_sm90::kernel<families::gemm_sm90::config{__VA_ARGS__}, T, any_chain>),

// The two tiles that a GPU with 180 KiB of shared memory has: one that both consumers multiply, one of pingpong.
#define GEMM_SM90_TOGETHER .block_m = 128, .block_n = 128, .stages = 4, .cluster = 1
#define GEMM_SM90_IN_TURN .block_m = 64, .block_n = 128, .stages = 6, .cluster = 1, .pingpong = true

#define GEMM_SM90_BATCHES(T, ...) GEMM_SM90(T, __VA_ARGS__) GEMM_SM90(T, __VA_ARGS__, .batched = true)
// Members come in the order in which the family names them.
#define GEMM_SM90_STAGED(ways, T, ...) ways(T, __VA_ARGS__) ways(T, __VA_ARGS__, .staged = false)
#define GEMM_SM90_ALL(T, ...) GEMM_SM90_STAGED(GEMM_SM90_BATCHES, T, __VA_ARGS__)
#define GEMM_SM90_ORDERS(T, ...) \
  GEMM_SM90_ALL(T, __VA_ARGS__) GEMM_SM90_ALL(T, __VA_ARGS__, .a_along_k = false) \
  GEMM_SM90_ALL(T, __VA_ARGS__, .b_along_k = false) GEMM_SM90_ALL(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false)
// clang-format on

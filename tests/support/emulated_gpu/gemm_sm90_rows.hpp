// Rows of gemm_sm90's kernels, which differ in the type that is multiplied, the tile, and what the operands decide.
#pragma once
#include "kernels/families/gemm_sm90/kernel.cuh"
#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

// clang-format off
#define GEMM_SM90(T, ...) \
  GEMMACT_EMULATED_KERNEL(families::gemm_sm90::kernel<families::gemm_sm90::config{__VA_ARGS__}, T, any_chain>),

// A row of configs.inc, its members as the family names them.
#define GEMM_SM90_TILE(m, n, count, blocks, turns, curved) \
  .block_m = m, .block_n = n, .stages = count, .cluster = blocks GEMM_SM90_TURNS_##turns
#define GEMM_SM90_TURNS_false
#define GEMM_SM90_TURNS_true , .pingpong = true

// The two tiles that all kernels exist of, one that both consumers multiply and one of pingpong; such of two blocks; and one
// whose k is split, with more than two slabs. Beside the slabs of other matrices some have room for fewer stages.
#define GEMM_SM90_TOGETHER GEMM_SM90_TILE(128, 128, 4, 1, false, false)
#define GEMM_SM90_IN_TURN GEMM_SM90_TILE(64, 128, 6, 1, true, false)
#define GEMM_SM90_FEWER_IN_TURN GEMM_SM90_TILE(64, 128, 5, 1, true, false)
#define GEMM_SM90_FEWER_TWO_TOGETHER GEMM_SM90_TILE(128, 256, 3, 2, false, false)
#define GEMM_SM90_TWO_TOGETHER GEMM_SM90_TILE(128, 256, 4, 2, false, false)
#define GEMM_SM90_TWO_IN_TURN GEMM_SM90_TILE(128, 128, 6, 2, true, false)
#define GEMM_SM90_NARROW_SLABS GEMM_SM90_TILE(128, 160, 5, 1, false, false)

// Further members come in the order in which the family names them.
#define GEMM_SM90_OUTPUTS(ways, T, ...) ways(T, __VA_ARGS__) ways(T, __VA_ARGS__, .staged = false)
#define GEMM_SM90_BATCHES(ways, T, ...) ways(T, __VA_ARGS__) ways(T, __VA_ARGS__, .batched = true)
#define GEMM_SM90_ALONG_ROWS(ways, T, ...) \
  ways(T, __VA_ARGS__, .a_along_k = false) ways(T, __VA_ARGS__, .b_along_k = false) \
  ways(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false)
#define GEMM_SM90_ORDERS(ways, T, ...) ways(T, __VA_ARGS__) GEMM_SM90_ALONG_ROWS(ways, T, __VA_ARGS__)

// With matrices of the epilogue that TMA moves, and with parts of k, which the consumers of a tile share.
#define GEMM_SM90_STAGED(T, ...) \
  GEMM_SM90(T, __VA_ARGS__) GEMM_SM90(T, __VA_ARGS__, .reads = true) GEMM_SM90(T, __VA_ARGS__, .keeps = true)
#define GEMM_SM90_BOTH(T, ...) GEMM_SM90(T, __VA_ARGS__, .reads = true, .keeps = true)
#define GEMM_SM90_BOTHS(T, ...) GEMM_SM90_BATCHES(GEMM_SM90_BOTH, T, __VA_ARGS__)
#define GEMM_SM90_UNSPLIT(T, ...) \
  GEMM_SM90_BATCHES(GEMM_SM90_STAGED, T, __VA_ARGS__) GEMM_SM90_BATCHES(GEMM_SM90, T, __VA_ARGS__, .staged = false)
#define GEMM_SM90_SPLIT(T, ...) GEMM_SM90(T, __VA_ARGS__, .splits = true)
#define GEMM_SM90_ALL(T, ...) \
  GEMM_SM90_UNSPLIT(T, __VA_ARGS__) GEMM_SM90_BOTHS(T, __VA_ARGS__) \
  GEMM_SM90_BATCHES(GEMM_SM90_SPLIT, T, __VA_ARGS__) \
  GEMM_SM90_BATCHES(GEMM_SM90_SPLIT, T, __VA_ARGS__, .staged = false)
// clang-format on

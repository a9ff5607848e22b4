// Rows of gemm_sm90's kernels, which differ in the type that is multiplied, the tile, and what the operands decide.
#pragma once
#include "kernels/families/gemm_sm90/family.hpp"
#include "kernels/families/gemm_sm90/kernel.cuh"
#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {

// With as many stages as there is room for beside what else is in shared memory; in whatever order its tiles come.
constexpr families::gemm_sm90::config compiled_as(families::gemm_sm90::config c) {
  c.curved = false;
  c.stages = families::gemm_sm90::fitting_stages(c);
  return c;
}

template <families::gemm_sm90::config c, class T>
kernel_row gemm_sm90_row(const std::string& type_name) {
  const std::string config = families::gemm_sm90::config_text(c);
  return kernel_row_of<families::gemm_sm90::kernel<c, T, any_chain>>(
      ("families::gemm_sm90::kernel<" + config + ", " + type_name + ", any_chain>").c_str());
}

}  // namespace gemmact::emulated_gpu

// clang-format off
#define GEMM_SM90(T, ...) gemm_sm90_row<compiled_as({__VA_ARGS__}), T>(#T),

#define GEMM_SM90_TILE(m, n, count, blocks, turns) \
  .block_m = m, .block_n = n, .stages = count, .cluster = blocks, .pingpong = turns

// The two tiles that most kernels exist of, one that both consumers multiply and one of pingpong; such of two blocks; and one
// whose k is split, with more than two slabs.
#define GEMM_SM90_TOGETHER GEMM_SM90_TILE(128, 128, 4, 1, false)
#define GEMM_SM90_IN_TURN GEMM_SM90_TILE(64, 128, 6, 1, true)
#define GEMM_SM90_TWO_TOGETHER GEMM_SM90_TILE(128, 256, 4, 2, false)
#define GEMM_SM90_TWO_IN_TURN GEMM_SM90_TILE(128, 128, 6, 2, true)
#define GEMM_SM90_NARROW_SLABS GEMM_SM90_TILE(128, 160, 5, 1, false)

#define GEMM_SM90_ALONG_ROWS(ways, T, ...) \
  ways(T, __VA_ARGS__, .a_along_k = false) ways(T, __VA_ARGS__, .b_along_k = false) \
  ways(T, __VA_ARGS__, .a_along_k = false, .b_along_k = false)
#define GEMM_SM90_ORDERS(ways, T, ...) ways(T, __VA_ARGS__) GEMM_SM90_ALONG_ROWS(ways, T, __VA_ARGS__)

// Which matrices of the epilogue TMA moves beside Y, and whether it stores Y over what lanes have read.
#define GEMM_SM90_STAGED(T, ...) \
  GEMM_SM90(T, __VA_ARGS__) GEMM_SM90(T, __VA_ARGS__, .overwrites = true) \
  GEMM_SM90(T, __VA_ARGS__, .reads = true) GEMM_SM90(T, __VA_ARGS__, .reads = true, .overwrites = true) \
  GEMM_SM90(T, __VA_ARGS__, .keeps = true) GEMM_SM90(T, __VA_ARGS__, .keeps = true, .overwrites = true) \
  GEMM_SM90(T, __VA_ARGS__, .reads = true, .keeps = true) \
  GEMM_SM90(T, __VA_ARGS__, .reads = true, .keeps = true, .overwrites = true)
#define GEMM_SM90_UNSPLIT(T, ...) \
  GEMM_SM90_STAGED(T, __VA_ARGS__) GEMM_SM90_STAGED(T, __VA_ARGS__, .batched = true) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false) GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true)
#define GEMM_SM90_SPLIT(T, ...) \
  GEMM_SM90(T, __VA_ARGS__, .splits = true) GEMM_SM90(T, __VA_ARGS__, .splits = true, .overwrites = true)
#define GEMM_SM90_ALL(T, ...) \
  GEMM_SM90_UNSPLIT(T, __VA_ARGS__) \
  GEMM_SM90_SPLIT(T, __VA_ARGS__) GEMM_SM90_SPLIT(T, __VA_ARGS__, .batched = true) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .splits = true) \
  GEMM_SM90(T, __VA_ARGS__, .staged = false, .batched = true, .splits = true)
// clang-format on

// gradient_pass's kernels: with two rows a lane, each type of dY with each form of what is kept and each number of sums; with
// others, some of bf16; of three and four trained parameters those of f32. How many blocks are on a multiprocessor is left open.
#include "kernels/families/gradient_pass/kernel.cuh"

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
#define GRADIENT_PASS(T, ahead, matrices, bytes, count) \
  GEMMACT_EMULATED_KERNEL(families::gradient_pass::kernel<families::gradient_pass::config{.rows = ahead, .kept = matrices, .kept_bytes = bytes, .sums = count}, T, any_chain>),
// Of nothing that is kept, of bits; of z or the output; of a pair's z; of a maxout's winners.
#define GRADIENT_PASS_TWO(T, ahead, matrices, bytes) \
  GRADIENT_PASS(T, ahead, matrices, bytes, 0) GRADIENT_PASS(T, ahead, matrices, bytes, 1)
#define GRADIENT_PASS_THREE(T, ahead, matrices, bytes) \
  GRADIENT_PASS_TWO(T, ahead, matrices, bytes) GRADIENT_PASS(T, ahead, matrices, bytes, 2)
#define GRADIENT_PASS_FOUR(T, ahead, matrices, bytes) \
  GRADIENT_PASS_THREE(T, ahead, matrices, bytes) GRADIENT_PASS(T, ahead, matrices, bytes, 3)
#define GRADIENT_PASS_ROUTED(T, ahead) \
  GRADIENT_PASS(T, ahead, 1, 1, 0) GRADIENT_PASS(T, ahead, 1, 1, 2) GRADIENT_PASS(T, ahead, 1, 1, 3) \
  GRADIENT_PASS(T, ahead, 1, 1, 4) GRADIENT_PASS(T, ahead, 1, 1, 5) GRADIENT_PASS(T, ahead, 1, 1, 6) \
  GRADIENT_PASS(T, ahead, 1, 1, 7) GRADIENT_PASS(T, ahead, 1, 1, 8)
#define GRADIENT_PASS_ALL(T) \
  GRADIENT_PASS_TWO(T, 2, 0, 0) GRADIENT_PASS_TWO(T, 2, 1, 0) \
  GRADIENT_PASS_THREE(T, 2, 1, 2) GRADIENT_PASS_THREE(T, 2, 1, 4) \
  GRADIENT_PASS_FOUR(T, 2, 2, 2) GRADIENT_PASS_FOUR(T, 2, 2, 4) GRADIENT_PASS_ROUTED(T, 2)
// clang-format on

const add_kernels all({GRADIENT_PASS_ALL(float) GRADIENT_PASS_ALL(f16_bits) GRADIENT_PASS_ALL(bf16_bits)
                           GRADIENT_PASS(float, 2, 1, 4, 3) GRADIENT_PASS(float, 2, 1, 4, 4)
                               GRADIENT_PASS_TWO(bf16_bits, 1, 1, 2) GRADIENT_PASS_TWO(bf16_bits, 4, 1, 2)});

}  // namespace
}  // namespace gemmact::emulated_gpu

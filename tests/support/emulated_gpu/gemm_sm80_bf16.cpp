#include "tests/support/emulated_gpu/gemm_sm80_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM80_HALVES(bf16_bits, 16) GEMM_SM80_HALVES(bf16_bits, 2)});

#if !defined(GEMMACT_EMULATED_PART)
const add_kernels other_pieces({GEMM_SM80_HALVES(bf16_bits, 8) GEMM_SM80_HALVES(bf16_bits, 4)});

// Each tile with each piece, along k.
#define GEMMACT_GEMM_SM80(...)                          \
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(16, __VA_ARGS__)) \
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(8, __VA_ARGS__))  \
  GEMM_SM80(bf16_bits, GEMM_SM80_TILE(4, __VA_ARGS__)) GEMM_SM80(bf16_bits, GEMM_SM80_TILE(2, __VA_ARGS__))

const add_kernels every_tile({
#include "kernels/families/gemm_sm80/configs.inc"
});
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu

#include "tests/support/emulated_gpu/gemm_sm80_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

#define GEMM_SM80_WORDS(piece) GEMM_SM80_ORDERS(GEMM_SM80_SPLITS, tf32, GEMM_SM80_FEW_ROWS(piece))

// Sums leave the tensor cores' accumulators now and then, or never.
#define GEMM_SM80_SUMS(T, ...) GEMM_SM80(T, __VA_ARGS__) GEMM_SM80(T, __VA_ARGS__, .promote_bytes = 128)
#define GEMM_SM80_BYTES(piece)                                          \
  GEMM_SM80_SUMS(e4m3_bits, GEMM_SM80_FEW_ROWS(piece))                  \
  GEMM_SM80_SUMS(e4m3_bits, GEMM_SM80_FEW_ROWS(piece), .batched = true) \
  GEMM_SM80_SUMS(e4m3_bits, GEMM_SM80_FEW_ROWS(piece), .splits = true)  \
  GEMM_SM80_SUMS(e4m3_bits, GEMM_SM80_FEW_ROWS(piece), .batched = true, .splits = true)

const add_kernels few_tiles({GEMM_SM80_WORDS(16) GEMM_SM80_BYTES(16) GEMM_SM80_BYTES(1)});
#if !defined(GEMMACT_EMULATED_PART)
const add_kernels many_rows({GEMM_SM80(tf32, GEMM_SM80_MANY_ROWS(16))});
const add_kernels other_pieces({GEMM_SM80_WORDS(8) GEMM_SM80_WORDS(4) GEMM_SM80_BYTES(8) GEMM_SM80_BYTES(4)});
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu

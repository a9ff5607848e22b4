#include "tests/support/emulated_gpu/gemm_sm80_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM80_HALVES(f16_bits, 16) GEMM_SM80_HALVES(f16_bits, 8) GEMM_SM80_HALVES(f16_bits, 4)
                                 GEMM_SM80_HALVES(f16_bits, 2)});
const add_kernels many_rows({GEMM_SM80_ORDERS(GEMM_SM80, f16_bits, GEMM_SM80_MANY_ROWS(16))});

}  // namespace
}  // namespace gemmact::emulated_gpu

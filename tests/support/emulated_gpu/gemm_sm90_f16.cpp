#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

#if !defined(GEMMACT_EMULATED_PART)
const add_kernels few_tiles({GEMM_SM90_ALL(f16_bits, GEMM_SM90_TOGETHER)
                                 GEMM_SM90_ALONG_ROWS(GEMM_SM90_UNSPLIT, f16_bits, GEMM_SM90_TOGETHER)
                                     GEMM_SM90_ORDERS(GEMM_SM90, f16_bits, GEMM_SM90_IN_TURN)
                                         GEMM_SM90(f16_bits, GEMM_SM90_IN_TURN, .staged = false)});
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu

#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM90_ORDERS(bf16_bits, GEMM_SM90_TOGETHER)
                                 GEMM_SM90_ORDERS(bf16_bits, GEMM_SM90_IN_TURN)});

}  // namespace
}  // namespace gemmact::emulated_gpu

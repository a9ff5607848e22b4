// Our declarations of cuBLASLt's interface against NVIDIA's header, while this is compiled.
#include "host/cuda/cublaslt_abi.hpp"

#include <cublasLt.h>

#include "tests/host/cuda/same_call.hpp"

namespace gemmact::cuda {
namespace {

#define GEMMACT_CUBLASLT_FUNCTION(name, arguments) \
  static_assert(same_call<blas_status(*) arguments, decltype(&::name)>::value, #name);
#include "host/cuda/cublaslt_functions.inc"
#undef GEMMACT_CUBLASLT_FUNCTION

static_assert(int(blas_type::f32) == CUDA_R_32F && int(blas_type::f16) == CUDA_R_16F &&
              int(blas_type::bf16) == CUDA_R_16BF && int(blas_type::e4m3) == CUDA_R_8F_E4M3);
static_assert(int(blas_compute::f32) == CUBLAS_COMPUTE_32F && int(blas_compute::tf32) == CUBLAS_COMPUTE_32F_FAST_TF32);
static_assert(int(blas_transpose::no) == CUBLAS_OP_N && int(blas_transpose::yes) == CUBLAS_OP_T);
static_assert(int(blas_attribute::transpose_a) == CUBLASLT_MATMUL_DESC_TRANSA &&
              int(blas_attribute::transpose_b) == CUBLASLT_MATMUL_DESC_TRANSB &&
              int(blas_attribute::epilogue) == CUBLASLT_MATMUL_DESC_EPILOGUE &&
              int(blas_attribute::bias_pointer) == CUBLASLT_MATMUL_DESC_BIAS_POINTER &&
              int(blas_attribute::fast_sums) == CUBLASLT_MATMUL_DESC_FAST_ACCUM &&
              int(blas_attribute::bias_type) == CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE);
static_assert(int(blas_epilogue::none) == CUBLASLT_EPILOGUE_DEFAULT &&
              int(blas_epilogue::relu) == CUBLASLT_EPILOGUE_RELU &&
              int(blas_epilogue::bias) == CUBLASLT_EPILOGUE_BIAS &&
              int(blas_epilogue::relu_bias) == CUBLASLT_EPILOGUE_RELU_BIAS &&
              int(blas_epilogue::gelu) == CUBLASLT_EPILOGUE_GELU &&
              int(blas_epilogue::gelu_bias) == CUBLASLT_EPILOGUE_GELU_BIAS);
static_assert(int(blas_limit::workspace_bytes) == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES &&
              int(blas_limit::alignment_a) == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES &&
              int(blas_limit::alignment_b) == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES &&
              int(blas_limit::alignment_c) == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES &&
              int(blas_limit::alignment_d) == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);
static_assert(sizeof(blas_algorithm) == sizeof(cublasLtMatmulAlgo_t) &&
              sizeof(blas_heuristic) == sizeof(cublasLtMatmulHeuristicResult_t) &&
              offsetof(blas_heuristic, algorithm) == offsetof(cublasLtMatmulHeuristicResult_t, algo) &&
              offsetof(blas_heuristic, workspace_bytes) == offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize) &&
              offsetof(blas_heuristic, state) == offsetof(cublasLtMatmulHeuristicResult_t, state) &&
              offsetof(blas_heuristic, waves) == offsetof(cublasLtMatmulHeuristicResult_t, wavesCount));

}  // namespace
}  // namespace gemmact::cuda

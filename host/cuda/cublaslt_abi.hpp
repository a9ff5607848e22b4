// The types and numbers of cuBLASLt that are used, declared here so that no toolkit is needed to build; a test compares
// them with cublasLt.h where there is one.
#pragma once
#include <cstddef>
#include <cstdint>

#include "host/cuda/driver_abi.hpp"

namespace gemmact::cuda {

using blas_status = int;                               // cublasStatus_t; 0 is success
using blas_handle = struct blas_handle_body*;          // cublasLtHandle_t
using blas_operation = struct blas_operation_body*;    // cublasLtMatmulDesc_t
using blas_layout = struct blas_layout_body*;          // cublasLtMatrixLayout_t
using blas_preference = struct blas_preference_body*;  // cublasLtMatmulPreference_t

enum class blas_type : int { f32 = 0, f16 = 2, bf16 = 14, e4m3 = 28 };  // cudaDataType_t
enum class blas_compute : int { f32 = 68, tf32 = 77 };                  // cublasComputeType_t
enum class blas_transpose : int { no = 0, yes = 1 };                    // cublasOperation_t
// cublasLtMatmulDescAttributes_t
enum class blas_attribute : int {
  transpose_a = 3,
  transpose_b = 4,
  epilogue = 7,
  bias_pointer = 8,
  fast_sums = 25,
  bias_type = 26
};
enum class blas_epilogue : int { none = 1, relu = 2, bias = 4, relu_bias = 6, gelu = 32, gelu_bias = 36 };
// cublasLtMatmulPreferenceAttributes_t
enum class blas_limit : int { workspace_bytes = 1, alignment_a = 5, alignment_b, alignment_c, alignment_d };

struct blas_algorithm {  // cublasLtMatmulAlgo_t
  uint64_t words[8];
};

struct blas_heuristic {  // cublasLtMatmulHeuristicResult_t
  blas_algorithm algorithm;
  size_t workspace_bytes;
  blas_status state;
  float waves;
  int reserved[4];
};

}  // namespace gemmact::cuda

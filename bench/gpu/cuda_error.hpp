// Calls of the CUDA runtime and of cuBLASLt that failed.
#pragma once
#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace gemmact_bench {

struct cuda_error : std::runtime_error {
  using runtime_error::runtime_error;
};

inline void require_cuda(cudaError_t status, const char* call) {
  if (status != cudaSuccess)
    throw cuda_error(std::string(call) + ": " + cudaGetErrorName(status) + ": " + cudaGetErrorString(status));
}

inline void require_cublas(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS) throw cuda_error(std::string(call) + ": " + cublasLtGetStatusName(status));
}

}  // namespace gemmact_bench

// cuBLASLt, loaded with dlopen where it is there: what our kernels are timed beside. Nothing of ours computes by it.
#pragma once
#include <memory>
#include <string>

#include "host/cuda/context.hpp"
#include "host/cuda/cublaslt_abi.hpp"
#include "host/cuda/memory.hpp"

namespace gemmact::cuda {

struct blas_functions {
#define GEMMACT_CUBLASLT_FUNCTION(name, arguments) blas_status(*name) arguments = nullptr;
#include "host/cuda/cublaslt_functions.inc"
#undef GEMMACT_CUBLASLT_FUNCTION
};

class cublaslt {
 public:
  static constexpr size_t workspace_bytes = size_t{32} << 20;  // of all products, which must follow each other

  // Of the newest major version that the context's driver serves. Throws NOT_SUPPORTED, which says why there is none, and
  // OUT_OF_MEMORY.
  explicit cublaslt(const context& context);
  ~cublaslt();
  cublaslt(const cublaslt&) = delete;
  cublaslt& operator=(const cublaslt&) = delete;

  blas_functions call;
  const cuda::context& context() const { return context_; }
  blas_handle handle() const { return handle_; }
  void* workspace() const { return workspace_.data(); }
  // Throws DEVICE_FAILED with the function and its status.
  static void check(blas_status status, const char* function);

 private:
  const cuda::context& context_;
  const memory workspace_;
  blas_handle handle_ = nullptr;
};

// A matrix in memory: ld elements from a row to the next, from a column to the next where it is column-major.
struct blas_matrix {
  gemmact_type type{};
  bool column_major = false;
  int64_t ld = 0;
};

// Y = f(X W^T + bias), with X m x k, W n x k, Y m x n and row-major.
struct blas_request {
  int64_t m = 0, n = 0, k = 0;
  blas_matrix x, w, y;
  uint32_t align_bytes = 16;  // of X, W and Y
  bool tf32 = false, fast_sums = false;
  blas_epilogue behind = blas_epilogue::none;
  const void* bias = nullptr;  // n values of Y's type, with an epilogue that adds one
};

// By the algorithm that cuBLASLt itself puts first.
class cublaslt_product {
 public:
  // `library` must outlive it. Throws NOT_SUPPORTED where cuBLASLt offers nothing.
  cublaslt_product(const cublaslt& library, const blas_request& request);
  ~cublaslt_product();
  cublaslt_product(const cublaslt_product&) = delete;
  cublaslt_product& operator=(const cublaslt_product&) = delete;

  // In the default stream. Throws.
  void run(const void* x, const void* w, void* y) const;

 private:
  void make(const blas_request& request);
  void choose(const blas_request& request);
  void release();

  const cublaslt& library_;
  blas_operation operation_ = nullptr;
  blas_layout x_ = nullptr, w_ = nullptr, y_ = nullptr;
  blas_algorithm algorithm_{};
};

}  // namespace gemmact::cuda

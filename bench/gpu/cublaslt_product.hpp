// Y = X W^T by cuBLASLt, row-major, with f32 accumulation, by any of the heuristics that it offers; with its own bias and
// function where it has them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "bench/core/types.hpp"
#include "bench/gpu/device_memory.hpp"

namespace gemmact_bench {

class cublaslt {
 public:
  explicit cublaslt(size_t workspace_bytes);
  cublasLtHandle_t get() const { return handle_.get(); }
  const device_memory& workspace() const { return workspace_; }

 private:
  std::shared_ptr<cublasLtContext> handle_;
  device_memory workspace_;
};

// What cuBLASLt does behind a product: nothing, or its bias and function.
enum class own_epilogue { none, bias, relu_bias, gelu_bias };

// X is m x k, W n x k, Y m x n, dense; Y's type is output_of(numbers.type).
struct product_request {
  int64_t m = 0, n = 0, k = 0;
  precision numbers;
  uint32_t alignment = 0;  // of X, W and Y, in bytes
  int heuristics = 1;      // how many are asked for
  own_epilogue behind = own_epilogue::none;
  const void* bias = nullptr;  // n values of Y's type, with an epilogue
};

class cublaslt_product {
 public:
  // Where cuBLASLt cannot do it there is no heuristic.
  cublaslt_product(const cublaslt& library, const product_request& request);
  // In cuBLASLt's own order: number 0 is what it would take by itself.
  int heuristics() const { return int(found_.size()); }
  // What it said where it offers none, as far as it said anything.
  const std::string& refusal() const { return refusal_; }
  void run(int heuristic, const void* x, const void* w, void* y, cudaStream_t on) const;

 private:
  const cublaslt& library_;
  std::shared_ptr<cublasLtMatmulDescOpaque_t> operation_;
  std::shared_ptr<cublasLtMatrixLayoutOpaque_t> x_, w_, y_;
  std::vector<cublasLtMatmulHeuristicResult_t> found_;
  std::string refusal_;
};

}  // namespace gemmact_bench

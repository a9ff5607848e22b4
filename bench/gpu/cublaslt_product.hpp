// Y = X W^T by cuBLASLt, row-major, 16-bit or f32 with f32 accumulation, by any of the heuristics that it offers.
#pragma once
#include <memory>
#include <vector>

#include "bench/gpu/device_memory.hpp"
#include "gemmact/gemmact.h"

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

class cublaslt_product {
 public:
  // X is m x k, W n x k, Y m x n, dense; `alignment` is that of all three, in bytes.
  cublaslt_product(const cublaslt& library, int64_t m, int64_t n, int64_t k, gemmact_type type, uint32_t alignment,
                   int heuristics);
  // In cuBLASLt's own order: number 0 is what it would take by itself.
  int heuristics() const { return int(found_.size()); }
  void run(int heuristic, const void* x, const void* w, void* y, cudaStream_t on) const;

 private:
  const cublaslt& library_;
  std::shared_ptr<cublasLtMatmulDescOpaque_t> operation_;
  std::shared_ptr<cublasLtMatrixLayoutOpaque_t> x_, w_, y_;
  std::vector<cublasLtMatmulHeuristicResult_t> found_;
};

}  // namespace gemmact_bench

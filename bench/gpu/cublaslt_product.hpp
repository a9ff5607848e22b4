// A product by cuBLASLt, row-major, with f32 accumulation, by any of the heuristics that it offers; with its own bias and
// function, or gradient of a function and of a bias, where it has them.
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

// What cuBLASLt does behind a product: nothing, its bias and function, or the derivative of a function and the sums of the
// result's columns; bgradb sums the left factor, as it is stored, over the rows that the product sums over.
enum class own_epilogue { none, bias, relu_bias, gelu_bias, drelu_bgrad, dgelu_bgrad, bgradb };

// result (rows x cols) = left (rows x depth) right (depth x cols), dense; a transposed factor is stored the other way round.
struct product_request {
  int64_t rows = 0, cols = 0, depth = 0;
  bool left_transposed = false, right_transposed = false;
  precision numbers;
  gemmact_type written = GEMMACT_F32;  // the result's type
  uint32_t alignment = 0;              // of all matrices, in bytes
  int heuristics = 1;                  // how many are asked for
  own_epilogue behind = own_epilogue::none;
  // With an epilogue: the bias, or where a bias' gradient goes; values of the result's type, a column of the result each,
  // with bgradb a row.
  const void* bias = nullptr;
  // What f' is taken of, rows x cols: of drelu_bgrad bits, in rows of aux_ld of them, of dgelu_bgrad the result's type.
  const void* aux = nullptr;
  int64_t aux_ld = 0;
};

class cublaslt_product {
 public:
  // Where cuBLASLt cannot do it there is no heuristic.
  cublaslt_product(const cublaslt& library, const product_request& request);
  // In cuBLASLt's own order: number 0 is what it would take by itself.
  int heuristics() const { return int(found_.size()); }
  // Why there is none, "" where there is one.
  std::string missing() const;
  void run(int heuristic, const void* left, const void* right, void* result, cudaStream_t on) const;

 private:
  const cublaslt& library_;
  const precision numbers_;
  const bool own_epilogue_;
  std::shared_ptr<cublasLtMatmulDescOpaque_t> operation_;
  std::shared_ptr<cublasLtMatrixLayoutOpaque_t> left_, right_, result_;
  std::vector<cublasLtMatmulHeuristicResult_t> found_;
  std::string refusal_;  // what cuBLASLt said where it offers none, as far as it said anything
};

}  // namespace gemmact_bench

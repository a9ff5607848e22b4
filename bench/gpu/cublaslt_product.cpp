#include "bench/gpu/cublaslt_product.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gemmact_bench {
namespace {

cudaDataType_t cuda_type(gemmact_type type) {
  if (type == GEMMACT_E4M3) return CUDA_R_8F_E4M3;
  return type == GEMMACT_F32 ? CUDA_R_32F : type == GEMMACT_F16 ? CUDA_R_16F : CUDA_R_16BF;
}

cublasLtEpilogue_t epilogue_of(own_epilogue e) {
  switch (e) {
    case own_epilogue::bias:
      return CUBLASLT_EPILOGUE_BIAS;
    case own_epilogue::relu_bias:
      return CUBLASLT_EPILOGUE_RELU_BIAS;
    case own_epilogue::gelu_bias:
      return CUBLASLT_EPILOGUE_GELU_BIAS;
    case own_epilogue::drelu_bgrad:
      return CUBLASLT_EPILOGUE_DRELU_BGRAD;
    case own_epilogue::dgelu_bgrad:
      return CUBLASLT_EPILOGUE_DGELU_BGRAD;
    case own_epilogue::bgradb:
      return CUBLASLT_EPILOGUE_BGRADB;
    default:
      return CUBLASLT_EPILOGUE_DEFAULT;
  }
}

// As it is stored, rows and columns of a transposed one exchanged; a row-major matrix is column-major with them exchanged.
std::shared_ptr<cublasLtMatrixLayoutOpaque_t> layout_of(gemmact_type type, int64_t rows, int64_t cols,
                                                        bool transposed = false) {
  if (transposed) std::swap(rows, cols);
  cublasLtMatrixLayout_t layout = nullptr;
  require_cublas(cublasLtMatrixLayoutCreate(&layout, cuda_type(type), uint64_t(cols), uint64_t(rows), cols),
                 "cublasLtMatrixLayoutCreate");
  return {layout, [](cublasLtMatrixLayout_t l) { cublasLtMatrixLayoutDestroy(l); }};
}

template <class T>
void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, T value) {
  require_cublas(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value),
                 "cublasLtMatmulDescSetAttribute");
}

template <class T>
void set(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute, T value) {
  require_cublas(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
                 "cublasLtMatmulPreferenceSetAttribute");
}

}  // namespace

cublaslt::cublaslt(size_t workspace_bytes) : workspace_(workspace_bytes) {
  cublasLtHandle_t handle = nullptr;
  require_cublas(cublasLtCreate(&handle), "cublasLtCreate");
  handle_ = std::shared_ptr<cublasLtContext>(handle, [](cublasLtHandle_t h) { cublasLtDestroy(h); });
}

cublaslt_product::cublaslt_product(const cublaslt& library, const product_request& request)
    : library_(library),
      numbers_(request.numbers),
      own_epilogue_(request.behind != own_epilogue::none),
      left_(layout_of(request.numbers.type, request.rows, request.depth, request.left_transposed)),
      right_(layout_of(request.numbers.type, request.depth, request.cols, request.right_transposed)),
      result_(layout_of(request.written, request.rows, request.cols)),
      found_(size_t(request.heuristics)) {
  const bool tf32 = request.numbers == precision{GEMMACT_F32, GEMMACT_COMPUTE_TF32};
  cublasLtMatmulDesc_t operation = nullptr;
  require_cublas(
      cublasLtMatmulDescCreate(&operation, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F),
      "cublasLtMatmulDescCreate");
  operation_ = std::shared_ptr<cublasLtMatmulDescOpaque_t>(
      operation, [](cublasLtMatmulDesc_t d) { cublasLtMatmulDescDestroy(d); });
  // Column-major result^T = right^T left^T: its A is the right factor, its B the left one, and a bias has one value a row.
  set(operation, CUBLASLT_MATMUL_DESC_TRANSA, request.right_transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(operation, CUBLASLT_MATMUL_DESC_TRANSB, request.left_transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  if (own_epilogue_) {
    set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue_of(request.behind));
    set(operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, request.bias);
    set(operation, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, cuda_type(request.written));
  }
  if (request.aux != nullptr) {
    set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, const_cast<void*>(request.aux));
    set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, request.aux_ld);
  }
  cublasLtMatmulPreference_t made = nullptr;
  require_cublas(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  const std::shared_ptr<cublasLtMatmulPreferenceOpaque_t> preference(
      made, [](cublasLtMatmulPreference_t p) { cublasLtMatmulPreferenceDestroy(p); });
  set(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64_t(library.workspace().bytes()));
  for (const auto attribute : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                               CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    set(made, attribute, request.alignment);
  int count = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(library.get(), operation, right_.get(), left_.get(), result_.get(), result_.get(),
                                     made, request.heuristics, found_.data(), &count);
  if (status != CUBLAS_STATUS_SUCCESS) refusal_ = cublasLtGetStatusName(status), count = 0;
  found_.resize(size_t(count));
  std::erase_if(found_, [](const auto& r) { return r.state != CUBLAS_STATUS_SUCCESS; });
}

std::string cublaslt_product::missing() const {
  if (heuristics() > 0) return "";
  return fmt::format("cuBLASLt offers nothing for {}{} of this shape here{}",
                     own_epilogue_ ? "its own epilogue in " : "", name_of(numbers_),
                     refusal_.empty() ? "" : " (" + refusal_ + ")");
}

void cublaslt_product::run(int heuristic, const void* left, const void* right, void* result, cudaStream_t on) const {
  const float one = 1, zero = 0;
  const cublasLtMatmulHeuristicResult_t& by = found_[size_t(heuristic)];
  require_cublas(cublasLtMatmul(library_.get(), operation_.get(), &one, right, right_.get(), left, left_.get(), &zero,
                                result, result_.get(), result, result_.get(), &by.algo, library_.workspace().data(),
                                library_.workspace().bytes(), on),
                 "cublasLtMatmul");
}

}  // namespace gemmact_bench

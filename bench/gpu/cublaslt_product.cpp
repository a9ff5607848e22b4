#include "bench/gpu/cublaslt_product.hpp"

#include <algorithm>

namespace gemmact_bench {
namespace {

cudaDataType_t cuda_type(gemmact_type type) {
  if (type == GEMMACT_E4M3) return CUDA_R_8F_E4M3;
  return type == GEMMACT_F32 ? CUDA_R_32F : type == GEMMACT_F16 ? CUDA_R_16F : CUDA_R_16BF;
}

cublasLtEpilogue_t epilogue_of(own_epilogue e) {
  return e == own_epilogue::bias        ? CUBLASLT_EPILOGUE_BIAS
         : e == own_epilogue::relu_bias ? CUBLASLT_EPILOGUE_RELU_BIAS
         : e == own_epilogue::gelu_bias ? CUBLASLT_EPILOGUE_GELU_BIAS
                                        : CUBLASLT_EPILOGUE_DEFAULT;
}

// A row-major matrix is column-major with rows and columns exchanged.
std::shared_ptr<cublasLtMatrixLayoutOpaque_t> layout_of(gemmact_type type, int64_t rows, int64_t cols) {
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
      x_(layout_of(request.numbers.type, request.m, request.k)),
      w_(layout_of(request.numbers.type, request.n, request.k)),
      y_(layout_of(output_of(request.numbers.type), request.m, request.n)),
      found_(size_t(request.heuristics)) {
  const bool tf32 = request.numbers == precision{GEMMACT_F32, GEMMACT_COMPUTE_TF32};
  cublasLtMatmulDesc_t operation = nullptr;
  require_cublas(
      cublasLtMatmulDescCreate(&operation, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F),
      "cublasLtMatmulDescCreate");
  operation_ = std::shared_ptr<cublasLtMatmulDescOpaque_t>(
      operation, [](cublasLtMatmulDesc_t d) { cublasLtMatmulDescDestroy(d); });
  // Column-major Y^T = W X^T: its A is W, transposed, its B is X, and its bias has one value a row.
  set(operation, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
  set(operation, CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
  if (request.behind != own_epilogue::none) {
    set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue_of(request.behind));
    set(operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, request.bias);
    set(operation, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, cuda_type(output_of(request.numbers.type)));
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
      cublasLtMatmulAlgoGetHeuristic(library.get(), operation, w_.get(), x_.get(), y_.get(), y_.get(), made,
                                     request.heuristics, found_.data(), &count);
  if (status != CUBLAS_STATUS_SUCCESS) refusal_ = cublasLtGetStatusName(status), count = 0;
  found_.resize(size_t(count));
  std::erase_if(found_, [](const auto& r) { return r.state != CUBLAS_STATUS_SUCCESS; });
}

void cublaslt_product::run(int heuristic, const void* x, const void* w, void* y, cudaStream_t on) const {
  const float one = 1, zero = 0;
  const cublasLtMatmulHeuristicResult_t& by = found_[size_t(heuristic)];
  require_cublas(cublasLtMatmul(library_.get(), operation_.get(), &one, w, w_.get(), x, x_.get(), &zero, y, y_.get(), y,
                                y_.get(), &by.algo, library_.workspace().data(), library_.workspace().bytes(), on),
                 "cublasLtMatmul");
}

}  // namespace gemmact_bench

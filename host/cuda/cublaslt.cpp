#include "host/cuda/cublaslt.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <utility>

#include "host/core/open_library.hpp"

namespace gemmact::cuda {
namespace {

constexpr int oldest_major = 12, newest_major = 13;

blas_type type_of(gemmact_type type) {
  switch (type) {
    case GEMMACT_F16:
      return blas_type::f16;
    case GEMMACT_BF16:
      return blas_type::bf16;
    case GEMMACT_E4M3:
      return blas_type::e4m3;
    default:
      return blas_type::f32;
  }
}

void* open_cublaslt(int driver_major) {
  std::string why, first;
  for (int major = std::min(driver_major, newest_major); major >= oldest_major; --major)
    for (const char* folder : {"", "/usr/local/cuda/lib64/"}) {
      if (void* library = core::open_library(fmt::format("{}libcublasLt.so.{}", folder, major), why)) return library;
      if (first.empty()) first = why;
    }
  core::fail(GEMMACT_NOT_SUPPORTED, "cuBLASLt cannot be loaded ({})", first);
}

// cuBLASLt's matrices are column-major: a row-major one is its transpose there.
blas_transpose transposed(const blas_matrix& matrix, bool is_x) {
  return matrix.column_major == is_x ? blas_transpose::yes : blas_transpose::no;
}

}  // namespace

cublaslt::cublaslt(const cuda::context& context) : context_(context), workspace_(context, workspace_bytes) {
  void* library = open_cublaslt(context.driver().version() / 1000);
#define GEMMACT_CUBLASLT_FUNCTION(name, arguments)                            \
  call.name = reinterpret_cast<decltype(call.name)>(::dlsym(library, #name)); \
  if (call.name == nullptr) core::fail(GEMMACT_NOT_SUPPORTED, "cuBLASLt lacks " #name);
#include "host/cuda/cublaslt_functions.inc"
#undef GEMMACT_CUBLASLT_FUNCTION
  const context::scope current(context_);
  if (const blas_status status = call.cublasLtCreate(&handle_))
    core::fail(GEMMACT_NOT_SUPPORTED, "cuBLASLt does not start: status {}", status);
}

cublaslt::~cublaslt() {
  const context::scope current(context_, std::nothrow);
  call.cublasLtDestroy(handle_);
}

void cublaslt::check(blas_status status, const char* function) {
  if (status != 0) core::fail(GEMMACT_DEVICE_FAILED, "{} answers with status {}", function, status);
}

cublaslt_product::cublaslt_product(const cublaslt& library, const blas_request& request) : library_(library) {
  const context::scope current(library_.context());
  try {
    make(request);
    choose(request);
  } catch (...) {
    release();
    throw;
  }
}

cublaslt_product::~cublaslt_product() {
  const context::scope current(library_.context(), std::nothrow);
  release();
}

void cublaslt_product::release() {
  if (operation_ != nullptr) library_.call.cublasLtMatmulDescDestroy(operation_);
  for (blas_layout layout : {x_, w_, y_})
    if (layout != nullptr) library_.call.cublasLtMatrixLayoutDestroy(layout);
}

// Column-major Y^T = W X^T: its A is W, its B is X, and its bias has one value a row.
void cublaslt_product::make(const blas_request& r) {
  const blas_functions& call = library_.call;
  const auto layout = [&](blas_layout& made, const blas_matrix& matrix, int64_t rows, int64_t cols) {
    if (!matrix.column_major) std::swap(rows, cols);
    cublaslt::check(
        call.cublasLtMatrixLayoutCreate(&made, type_of(matrix.type), uint64_t(rows), uint64_t(cols), matrix.ld),
        "cublasLtMatrixLayoutCreate");
  };
  layout(x_, r.x, r.m, r.k);
  layout(w_, r.w, r.n, r.k);
  layout(y_, r.y, r.m, r.n);
  cublaslt::check(
      call.cublasLtMatmulDescCreate(&operation_, r.tf32 ? blas_compute::tf32 : blas_compute::f32, blas_type::f32),
      "cublasLtMatmulDescCreate");
  const auto set = [&](blas_attribute attribute, auto value) {
    cublaslt::check(call.cublasLtMatmulDescSetAttribute(operation_, attribute, &value, sizeof value),
                    "cublasLtMatmulDescSetAttribute");
  };
  set(blas_attribute::transpose_a, transposed(r.w, false));
  set(blas_attribute::transpose_b, transposed(r.x, true));
  if (r.fast_sums) set(blas_attribute::fast_sums, int8_t{1});
  if (r.behind == blas_epilogue::none) return;
  set(blas_attribute::epilogue, r.behind);
  if (r.bias == nullptr) return;
  set(blas_attribute::bias_pointer, r.bias);
  set(blas_attribute::bias_type, type_of(r.y.type));
}

void cublaslt_product::choose(const blas_request& r) {
  const blas_functions& call = library_.call;
  blas_preference made = nullptr;
  cublaslt::check(call.cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  const std::unique_ptr<blas_preference_body, blas_status (*)(blas_preference)> preference(
      made, call.cublasLtMatmulPreferenceDestroy);
  const auto limit = [&](blas_limit attribute, auto value) {
    cublaslt::check(call.cublasLtMatmulPreferenceSetAttribute(made, attribute, &value, sizeof value),
                    "cublasLtMatmulPreferenceSetAttribute");
  };
  limit(blas_limit::workspace_bytes, uint64_t{cublaslt::workspace_bytes});
  for (blas_limit operand :
       {blas_limit::alignment_a, blas_limit::alignment_b, blas_limit::alignment_c, blas_limit::alignment_d})
    limit(operand, r.align_bytes);
  blas_heuristic found{};
  int count = 0;
  const blas_status status =
      call.cublasLtMatmulAlgoGetHeuristic(library_.handle(), operation_, w_, x_, y_, y_, made, 1, &found, &count);
  if (status != 0 || count == 0 || found.state != 0)
    core::fail(GEMMACT_NOT_SUPPORTED, "cuBLASLt offers nothing for it (status {})", status != 0 ? status : found.state);
  algorithm_ = found.algorithm;
}

void cublaslt_product::run(const void* x, const void* w, void* y) const {
  const context::scope current(library_.context());
  const float one = 1, zero = 0;
  cublaslt::check(library_.call.cublasLtMatmul(library_.handle(), operation_, &one, w, w_, x, x_, &zero, y, y_, y, y_,
                                               &algorithm_, library_.workspace(), cublaslt::workspace_bytes, nullptr),
                  "cublasLtMatmul");
}

}  // namespace gemmact::cuda

#include "host/plan/baselines.hpp"

#include <algorithm>
#include <string_view>

#include "host/core/status.hpp"
#include "host/cuda/cublaslt.hpp"

namespace gemmact::plan {
namespace {

// A product of cuBLASLt as the tuner sees it.
class vendor_product final : public core::executable {
 public:
  vendor_product(std::shared_ptr<const cuda::cublaslt> library, const cuda::blas_request& request,
                 const core::problem& p)
      : library_(std::move(library)),
        product_(*library_, request),
        x_(p.find(GEMMACT_X)->binding),
        w_(p.find(GEMMACT_W)->binding),
        y_(p.find(GEMMACT_Y)->binding) {}

  size_t workspace_bytes() const override { return 0; }  // it has its own
  int launches() const override { return 1; }
  std::string family() const override { return "cuBLASLt"; }
  std::string kernel_name() const override { return "cublasLtMatmul"; }
  void workspace_init(void*, void*) const override {}
  void run(const core::run_operands& operands, void*, void*) const override {
    product_.run(operands.data[x_], operands.data[w_], operands.data[y_]);
  }

 private:
  const std::shared_ptr<const cuda::cublaslt> library_;
  const cuda::cublaslt_product product_;
  const int x_, w_, y_;
};

bool is_plain_product(const core::problem& p) {
  if (p.operation != GEMMACT_FORWARD || p.combine != GEMMACT_PLAIN || p.batch != 1) return false;
  const core::tensor &x = *p.find(GEMMACT_X), &w = *p.find(GEMMACT_W), &y = *p.find(GEMMACT_Y);
  const bool strict_f32 = x.type == GEMMACT_F32 && y.type != GEMMACT_F32;
  return x.type == w.type && y.order == GEMMACT_ROW_MAJOR && y.type != GEMMACT_E4M3 && !strict_f32;
}

cuda::blas_matrix matrix_of(const core::tensor& t) {
  const bool column_major = t.order == GEMMACT_COLUMN_MAJOR;
  return {t.type, column_major, column_major ? t.col_stride : t.row_stride};
}

cuda::blas_request request_of(const core::problem& p, int64_t m) {
  const core::tensor &x = *p.find(GEMMACT_X), &w = *p.find(GEMMACT_W), &y = *p.find(GEMMACT_Y);
  cuda::blas_request r;
  r.m = m, r.n = p.n, r.k = p.k;
  r.x = matrix_of(x), r.w = matrix_of(w), r.y = matrix_of(y);
  r.align_bytes = std::min({x.align_bytes, w.align_bytes, y.align_bytes});
  r.tf32 = x.type == GEMMACT_F32 && p.compute == GEMMACT_COMPUTE_TF32;
  r.fast_sums = x.type == GEMMACT_E4M3 && p.compute == GEMMACT_COMPUTE_FP8_FAST;
  return r;
}

// What does all of the layer in one call; `none` where nothing does, or the product alone.
cuda::blas_epilogue own_epilogue(const core::problem& p) {
  const core::tensor* bias = p.find(GEMMACT_BIAS);
  const std::string_view function = p.activation.info->name;
  const size_t listed = 3 + (bias != nullptr);
  const bool fits = bias == nullptr || (bias->extent == GEMMACT_PER_COLUMN && bias->type == p.find(GEMMACT_Y)->type);
  if (p.tensors.size() != listed || !fits) return cuda::blas_epilogue::none;
  const int with_bias = bias != nullptr ? int(cuda::blas_epilogue::bias) : 0;
  if (function == "linear" && bias != nullptr) return cuda::blas_epilogue::bias;
  if (function == "relu") return cuda::blas_epilogue(int(cuda::blas_epilogue::relu) | with_bias);
  if (function == "gelu_tanh") return cuda::blas_epilogue(int(cuda::blas_epilogue::gelu) | with_bias);
  return cuda::blas_epilogue::none;
}

}  // namespace

std::vector<baseline> make_baselines(const cuda::context& context, const core::problem& problem,
                                     const core::run_operands& operands) {
  std::vector<baseline> all;
  if (!is_plain_product(problem)) return all;
  std::shared_ptr<const cuda::cublaslt> library;
  const auto add = [&](const char* name, const cuda::blas_request& request) {
    baseline& one = all.emplace_back();
    one.timing.family = "cuBLASLt";
    one.timing.tile = name;
    one.timing.baseline = true;
    try {
      if (library == nullptr) library = std::make_shared<const cuda::cublaslt>(context);
      one.runs = std::make_unique<vendor_product>(library, request, problem);
    } catch (const core::failure& failure) {
      one.timing.failure = failure.message();
    }
  };
  cuda::blas_request request = request_of(problem, operands.m);
  add("product alone", request);
  request.behind = own_epilogue(problem);
  if (request.behind == cuda::blas_epilogue::none) return all;
  if (const core::tensor* bias = problem.find(GEMMACT_BIAS)) request.bias = operands.data[bias->binding];
  add("own epilogue", request);
  return all;
}

}  // namespace gemmact::plan

#include "host/plan/baselines.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "host/core/names.hpp"
#include "host/core/status.hpp"
#include "host/cuda/cublaslt.hpp"
#include "host/cuda/loaded_kernel.hpp"
#include "host/plan/gpu_layer.hpp"
#include "host/plan/gpu_unit.hpp"
#include "kernels/baseline/params.hpp"

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

// Of the catalogue; empty for an equation, whatever its head calls it.
std::string_view catalogue_name(const core::activation_use& use) { return use.made == nullptr ? use.info->name : ""; }

// What does all of the layer in one call; `none` where nothing does, or the product alone.
cuda::blas_epilogue own_epilogue(const core::problem& p) {
  const core::tensor* bias = p.find(GEMMACT_BIAS);
  const std::string_view function = catalogue_name(p.activation);
  const size_t listed = 3 + (bias != nullptr);
  const bool fits = bias == nullptr || (bias->extent == GEMMACT_PER_COLUMN && bias->type == p.find(GEMMACT_Y)->type);
  if (p.tensors.size() != listed || !fits) return cuda::blas_epilogue::none;
  const int with_bias = bias != nullptr ? int(cuda::blas_epilogue::bias) : 0;
  if (function == "linear" && bias != nullptr) return cuda::blas_epilogue::bias;
  if (function == "relu") return cuda::blas_epilogue(int(cuda::blas_epilogue::relu) | with_bias);
  if (function == "gelu_tanh") return cuda::blas_epilogue(int(cuda::blas_epilogue::gelu) | with_bias);
  return cuda::blas_epilogue::none;
}

// Bias and function as a kernel of their own, in place on Y (kernels/baseline/activation_pass.cuh).
class separate_pass {
 public:
  // Throws NOT_SUPPORTED for a layer that has more behind its product, or rows that are not whole aligned 16 bytes.
  separate_pass(const baseline_parts& parts, const core::problem& p, const core::run_operands& operands)
      : y_(p.find(GEMMACT_Y)->binding), blocks_(blocks_per_multiprocessor * unsigned(parts.gpu.multiprocessors)) {
    refuse(p, operands);
    const core::tensor &y = *p.find(GEMMACT_Y), *bias = p.find(GEMMACT_BIAS);
    if (bias != nullptr) params_.bias.value = reinterpret_cast<uintptr_t>(operands.data[bias->binding]);
    params_.ld = y.row_stride;
    params_.rows = u32(operands.m), params_.cols = u32(p.n);
    std::copy(p.activation.params.begin(), p.activation.params.end(), params_.number);
    const auto binary = get_binary(parts.compiler, candidate_of(p), parts.gpu.architecture);
    kernel_.emplace(parts.context, cuda::kernel_image{binary->code->name, binary->code->cubin, binary->code->compiler},
                    0u);
  }

  void run(const core::run_operands& operands) const {
    baseline::params params = params_;
    params.y.value = reinterpret_cast<uintptr_t>(operands.data[y_]);
    kernel_->launch({.grid = {blocks_, 1, 1}, .threads = threads}, &params, nullptr);
  }

 private:
  static constexpr unsigned threads = 256, blocks_per_multiprocessor = 8;

  static void refuse(const core::problem& p, const core::run_operands& operands) {
    const core::tensor &y = *p.find(GEMMACT_Y), *bias = p.find(GEMMACT_BIAS);
    const bool bias_fits = bias == nullptr || (bias->extent == GEMMACT_PER_COLUMN && bias->type == y.type);
    if (p.tensors.size() != 3 + size_t(bias != nullptr) || !bias_fits)
      core::fail(GEMMACT_NOT_SUPPORTED,
                 "the separate kernel has a bias a column, of Y's type, and a function, no more");
    const auto whole = [](int64_t bytes) { return bytes % 16 == 0; };
    const bool aligned = whole(core::type_bytes(y.type, p.n)) && whole(core::type_bytes(y.type, y.row_stride)) &&
                         whole(int64_t(reinterpret_cast<uintptr_t>(operands.data[y.binding]))) &&
                         (bias == nullptr || whole(int64_t(reinterpret_cast<uintptr_t>(operands.data[bias->binding]))));
    if (!aligned || p.m * core::type_bytes(y.type, p.n) / 16 >= int64_t{1} << 31)
      core::fail(GEMMACT_NOT_SUPPORTED,
                 "the separate kernel takes rows of whole, aligned 16 bytes, less than 32 GB of them");
  }

  static families::candidate candidate_of(const core::problem& p) {
    const core::tensor& y = *p.find(GEMMACT_Y);
    const bool has_bias = p.find(GEMMACT_BIAS) != nullptr, fast = p.accuracy == GEMMACT_FAST;
    const families::function function = gpu_function(p.activation, p.accuracy);
    const char* type = y.type == GEMMACT_F32 ? "float" : y.type == GEMMACT_F16 ? "f16_bits" : "bf16_bits";
    families::candidate c;
    c.kernel = fmt::format("activation_pass_{}{}_{}{}", core::name_of(y.type), has_bias ? "_bias" : "", function.name,
                           fast ? "_fast" : "");
    c.type = fmt::format("baseline::activation_pass<{}, activation::{}<accuracy::{}>, {}>", type, function.name,
                         fast ? "fast" : "accurate", has_bias);
    c.header = "kernels/baseline/activation_pass.cuh";
    c.function = function.text();
    c.threads = threads;
    c.params_bytes = sizeof(baseline::params);
    return c;
  }

  const int y_;
  const unsigned blocks_;
  baseline::params params_;
  std::optional<const cuda::loaded_kernel> kernel_;
};

// The two kernels of a layer that is not fused.
class unfused_pair final : public core::executable {
 public:
  unfused_pair(std::unique_ptr<core::executable> product, const baseline_parts& parts, const core::problem& p,
               const core::run_operands& operands)
      : product_(std::move(product)), pass_(parts, p, operands) {}
  size_t workspace_bytes() const override { return 0; }
  int launches() const override { return 2; }
  std::string family() const override { return product_->family(); }
  std::string kernel_name() const override { return product_->kernel_name(); }
  void workspace_init(void*, void*) const override {}
  void run(const core::run_operands& operands, void* workspace, void* stream) const override {
    product_->run(operands, workspace, stream);
    pass_.run(operands);
  }

 private:
  const std::unique_ptr<core::executable> product_;
  const separate_pass pass_;
};

// A row each of what can be had of cuBLASLt, or why it cannot.
class baseline_list {
 public:
  explicit baseline_list(const baseline_parts& parts) : parts_(parts) {}

  template <class Make>
  void add(const char* name, const Make& make) {
    baseline_arm& one = all.emplace_back();
    one.timing.family = "cuBLASLt", one.timing.tile = name, one.timing.baseline = true;
    try {
      if (library_ == nullptr) library_ = std::make_shared<const cuda::cublaslt>(parts_.context);
      one.runs = make(library_);
    } catch (const core::failure& failure) {
      one.timing.failure = failure.message();
    }
  }
  std::vector<baseline_arm> all;

 private:
  const baseline_parts& parts_;
  std::shared_ptr<const cuda::cublaslt> library_;
};

}  // namespace

std::vector<baseline_arm> make_baselines(const baseline_parts& parts, const core::problem& problem,
                                         const core::run_operands& operands) {
  using library = std::shared_ptr<const cuda::cublaslt>;
  baseline_list list(parts);
  if (!is_plain_product(problem)) return {};
  const cuda::blas_request bare = request_of(problem, operands.m);
  const auto product = [&](const library& by, const cuda::blas_request& request) {
    return std::make_unique<vendor_product>(by, request, problem);
  };
  list.add("product alone", [&](const library& by) { return product(by, bare); });
  const core::tensor* bias = problem.find(GEMMACT_BIAS);
  cuda::blas_request whole = bare;
  whole.behind = own_epilogue(problem);
  if (bias != nullptr) whole.bias = operands.data[bias->binding];
  if (whole.behind != cuda::blas_epilogue::none)
    list.add("own epilogue", [&](const library& by) { return product(by, whole); });
  if (problem.tensors.size() > 3 || catalogue_name(problem.activation) != "linear")
    list.add("and a separate kernel", [&](const library& by) {
      return std::make_unique<unfused_pair>(product(by, bare), parts, problem, operands);
    });
  return std::move(list.all);
}

}  // namespace gemmact::plan

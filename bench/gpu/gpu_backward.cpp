#include "bench/gpu/gpu_backward.hpp"

#include <fmt/format.h>

#include <optional>

#include "bench/core/backward_layer.hpp"
#include "bench/core/sample.hpp"
#include "kernels/base/float_types.hpp"

namespace gemmact_bench {
namespace {

// What cuBLASLt itself does of it; what it has nothing for has the reason.
struct own_gradient_of {
  explicit own_gradient_of(const bench_case& c) {
    if (c.operation == GEMMACT_ACTIVATION_GRAD) missing = "cuBLASLt has no function's gradient without a product";
    else if (c.operation == GEMMACT_WEIGHT_GRAD) kind = own_epilogue::bgradb;
    else if (c.function == "relu") kind = own_epilogue::drelu_bgrad;
    else if (c.function != "gelu_tanh")
      missing = "cuBLASLt's own gradients are those of relu and gelu_tanh, not of " + c.function;
    else if (c.k % 8 != 0)
      missing = fmt::format("k is {}, and cuBLASLt takes the argument of its gelu in rows of whole 8 elements", c.k);
    else kind = own_epilogue::dgelu_bgrad;
  }
  own_epilogue kind = own_epilogue::none;
  std::string missing;
};

device_memory copy_of(const tensor& t, int64_t elements) { return {t.data(), size_t(elements * bytes_of(t.type()))}; }

device_memory ones(gemmact_type type, int64_t count) {
  const uint16_t one = type == GEMMACT_F16 ? gemmact::to_f16(1).bits : gemmact::to_bf16(1).bits;
  if (type == GEMMACT_F32) {
    const std::vector<float> values(size_t(count), 1.0f);
    return {values.data(), values.size() * sizeof(float)};
  }
  const std::vector<uint16_t> values(size_t(count), one);
  return {values.data(), values.size() * sizeof(uint16_t)};
}

class gpu_backward final : public gpu_layer {
 public:
  gpu_backward(gpu_environment& environment, const bench_case& c)
      : environment_(environment),
        layer_(environment.stores, c, gpu_form(c)),
        own_(c),
        separate_(separate_case(c)),
        fused_plan_(plan_of(c, true)),
        plain_plan_(plan_of(c, false)),
        unfused_plan_(plan_of(c, false)),
        gradient_(copy_of(layer_.gradient, c.m * c.n)),
        factor_(copy_of(layer_.factor, c.operation == GEMMACT_INPUT_GRAD ? c.weights() : c.m * layer_.cols)),
        kept_(kept()),
        fused_(layer_),
        plain_(layer_),
        product_written_(layer_),
        epilogue_written_(layer_),
        unfused_(layer_) {
    layer_.tolerance = gpu_tolerance;
    if (c.operation == GEMMACT_INPUT_GRAD) {
      separate_plan_ = plan_of(separate_, true);
    } else {
      ones_ = ones(c.type, c.m);
      sums_.emplace(environment.library, sums_request());
      if (!sums_->missing().empty()) throw case_left_out("no product that sums columns: " + sums_->missing());
    }
    if (c.operation != GEMMACT_ACTIVATION_GRAD) product_.emplace(environment.library, request_of(own_epilogue::none));
    if (own_.missing.empty()) epilogue_.emplace(environment.library, request_of(own_.kind));
    bind_plans();
    // Uploads are in the default stream, which the arms' stream does not wait for.
    require_cuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  std::string kernel(gpu_task ours) const override { return of(ours).kernel(); }
  std::string family(gpu_task ours) const override { return of(ours).family(); }
  int cycle() const override { return 1; }

  std::string missing(gpu_task task) const override {
    if (task == gpu_task::epilogue) return epilogue_ ? epilogue_->missing() : own_.missing;
    return product_ ? product_->missing() : "there is no product in it";
  }
  int heuristics(gpu_task task) const override {
    const std::optional<cublaslt_product>& by = task == gpu_task::epilogue ? epilogue_ : product_;
    return by ? by->heuristics() : 0;
  }

  std::string unfused_name(const std::string& product) const override {
    switch (layer_.what.operation) {
      case GEMMACT_ACTIVATION_GRAD:
        return "gemmact without db, then db by a product of cuBLASLt with ones";
      case GEMMACT_INPUT_GRAD:
        return product + ", then gemmact's activation_grad";
      default:
        return product + ", then db by a product with ones";
    }
  }

  void run(gpu_task task, int way) override {
    switch (task) {
      case gpu_task::fused:
      case gpu_task::by_hand:
        return fused_plan_->run();
      case gpu_task::plain:
        return plain_plan_->run();
      case gpu_task::product:
        return run_product(way, product_written_);
      case gpu_task::epilogue:
        return epilogue_->run(way, gradient_.data(), factor_.data(), epilogue_written_.matrix.data(),
                              environment_.queue.get());
      case gpu_task::unfused:
        return run_unfused(way);
    }
  }

  double check(gpu_task task, unsigned seed) const override {
    const arm_path theirs{.product = path_of_cublaslt};
    switch (task) {
      case gpu_task::fused:
      case gpu_task::by_hand:
        return layer_.worst(read(fused_, true), seed, {.product = environment_.path_of(*fused_plan_)});
      case gpu_task::plain:
        return check_product(plain_, seed, {.product = environment_.path_of(*plain_plan_)});
      case gpu_task::epilogue: {
        const double of_z = own_.kind == own_epilogue::dgelu_bgrad ? gelu_of_cublaslt : 0;
        written_gradient by = read(epilogue_written_, true);
        // Their gradient of a bias has the result's type.
        by.sum_type = layer_.written;
        by.sum = [this](int64_t j) { return environment_.read(epilogue_written_.sums, layer_.written, j); };
        return layer_.worst(by, seed, {.product = path_of_cublaslt, .of_z = of_z});
      }
      case gpu_task::unfused:
        return layer_.worst(read(unfused_, true), seed, {.stored = layer_.what.type, .product = path_of_cublaslt});
      default:
        return check_product(product_written_, seed, theirs);
    }
  }

  void spoil(gpu_task task) const override {
    const outputs& by = output(task);
    by.matrix.poison(environment_.queue.get());
    by.sums.poison(environment_.queue.get());
  }

 private:
  struct outputs {
    explicit outputs(const backward_layer& layer)
        : matrix(size_t(layer.rows * layer.cols * bytes_of(layer.written))), sums(size_t(layer.sums) * sizeof(float)) {}
    device_memory matrix, sums;
  };

  std::unique_ptr<fused_layer> plan_of(const bench_case& c, bool whole) {
    return std::make_unique<fused_layer>(environment_.device, backward_problem(c, layer_.form, whole),
                                         backward_tensors(c, layer_.form, whole, gpu_alignment), environment_.place());
  }

  void bind_plans() {
    backward_memory memory{gradient_.data(), factor_.data(), kept_.data(), fused_.matrix.data(), fused_.sums.data()};
    bind(*fused_plan_, layer_.what, true, memory);
    memory.written = plain_.matrix.data();
    bind(*plain_plan_, layer_.what, false, memory);
    memory.written = (separate_plan_ ? product_written_ : unfused_).matrix.data();
    bind(*unfused_plan_, layer_.what, false, memory);
    if (!separate_plan_) return;
    // Apart from the product's result, which gemmact_run wants to be other memory than what it writes.
    memory.gradient = product_written_.matrix.data();
    memory.written = unfused_.matrix.data(), memory.sums = unfused_.sums.data();
    bind(*separate_plan_, separate_, true, memory);
  }

  device_memory kept() const {
    if (layer_.what.operation == GEMMACT_WEIGHT_GRAD) return {};
    if (layer_.form.keep != GEMMACT_KEEP_BIT) return copy_of(layer_.z, layer_.what.m * layer_.kept_columns());
    const std::vector<uint32_t> bits = layer_.bits();
    return {bits.data(), bits.size() * sizeof(uint32_t)};
  }

  product_request request_of(own_epilogue behind) const {
    const bench_case& c = layer_.what;
    const bool takes_z = behind == own_epilogue::drelu_bgrad || behind == own_epilogue::dgelu_bgrad;
    return {.rows = layer_.rows,
            .cols = layer_.cols,
            .depth = c.depth(),
            .left_transposed = c.operation == GEMMACT_WEIGHT_GRAD,
            .numbers = c.numbers(),
            .written = layer_.written,
            .alignment = gpu_alignment,
            .heuristics = heuristics_asked,
            .behind = behind,
            .bias = epilogue_written_.sums.data(),
            .aux = takes_z ? kept_.data() : nullptr,
            .aux_ld = behind == own_epilogue::drelu_bgrad ? bits_ld(c.k) : c.k};
  }

  // The sums of dZ's columns as a row of ones times dZ, in f32.
  product_request sums_request() const {
    return {.rows = 1,
            .cols = layer_.what.n,
            .depth = layer_.what.m,
            .numbers = {layer_.what.type},
            .alignment = gpu_alignment};
  }

  const fused_layer& of(gpu_task ours) const { return ours == gpu_task::fused ? *fused_plan_ : *plain_plan_; }

  const outputs& output(gpu_task task) const {
    switch (task) {
      case gpu_task::fused:
      case gpu_task::by_hand:
        return fused_;
      case gpu_task::plain:
        return plain_;
      case gpu_task::epilogue:
        return epilogue_written_;
      case gpu_task::unfused:
        return unfused_;
      default:
        return product_written_;
    }
  }

  void run_product(int way, const outputs& to) {
    product_->run(way, gradient_.data(), factor_.data(), to.matrix.data(), environment_.queue.get());
  }

  // Where what is not fused begins: the product, or of activation_grad the gradient without sums.
  void run_first(int way, const outputs& to) {
    if (way == own_product || !product_) unfused_plan_->run();
    else run_product(way, to);
  }

  void run_unfused(int way) {
    switch (layer_.what.operation) {
      case GEMMACT_INPUT_GRAD:
        run_first(way, product_written_);
        return separate_plan_->run();
      case GEMMACT_ACTIVATION_GRAD:
        run_first(way, unfused_);
        return run_sums(unfused_.matrix);
      default:
        run_first(way, unfused_);
        return run_sums(gradient_);
    }
  }

  void run_sums(const device_memory& of) {
    sums_->run(0, ones_.data(), of.data(), unfused_.sums.data(), environment_.queue.get());
  }

  written_gradient read(const outputs& by, bool with_sums) const {
    written_gradient all;
    all.element = [this, &by](int64_t i, int64_t j) {
      return environment_.read(by.matrix, layer_.written, i * layer_.cols + j);
    };
    if (with_sums) all.sum = [this, &by](int64_t j) { return environment_.read(by.sums, GEMMACT_F32, j); };
    return all;
  }

  double check_product(const outputs& by, unsigned seed, const arm_path& path) const {
    if (layer_.what.operation != GEMMACT_INPUT_GRAD) return layer_.worst(read(by, false), seed, path);
    return worst_of_samples(layer_.rows, layer_.cols, seed, [&](int64_t i, int64_t j) {
      return error_of(layer_.written, environment_.read(by.matrix, layer_.written, i * layer_.cols + j),
                      layer_.product_at(i, j, path));
    });
  }

  gpu_environment& environment_;
  backward_layer layer_;
  const own_gradient_of own_;
  const bench_case separate_;
  std::unique_ptr<fused_layer> fused_plan_, plain_plan_;
  // Parts of what is not fused. All plans are bound once, so that no arm's time has more of the host's part than another's.
  std::unique_ptr<fused_layer> unfused_plan_, separate_plan_;
  device_memory gradient_, factor_, kept_, ones_;
  outputs fused_, plain_, product_written_, epilogue_written_, unfused_;
  std::optional<cublaslt_product> product_, epilogue_, sums_;
};

}  // namespace

std::shared_ptr<gpu_layer> make_gpu_backward(gpu_environment& environment, const bench_case& c) {
  if (c.combine != GEMMACT_PLAIN || c.type == GEMMACT_E4M3)
    throw case_left_out("on a GPU backward is compared for plain layers of f32, tf32, f16 and bf16");
  return std::make_shared<gpu_backward>(environment, c);
}

}  // namespace gemmact_bench

#include "bench/gpu/gpu_forward.hpp"

#include <optional>

#include "bench/core/forward_layer.hpp"
#include "bench/gpu/activation_pass.hpp"
#include "kernels/base/float_types.hpp"

namespace gemmact_bench {
namespace {

// What cuBLASLt itself does behind a product; what it has none for has the reason.
struct own_epilogue_of {
  explicit own_epilogue_of(const bench_case& c) {
    if (c.combine != GEMMACT_PLAIN) missing = "cuBLASLt has no gated pair and no maxout";
    else if (c.function == "linear") kind = own_epilogue::bias;
    else if (c.function == "relu") kind = own_epilogue::relu_bias;
    else if (c.function == "gelu_tanh") kind = own_epilogue::gelu_bias;
    else missing = "cuBLASLt's own epilogues are linear, relu and gelu_tanh with a bias, not " + c.function;
  }
  own_epilogue kind = own_epilogue::none;
  std::string missing;
};

// The bias in Y's type, as cuBLASLt takes it: values that this type has, for they were X's.
device_memory typed_bias(gemmact_type type, const float* values, int64_t count) {
  if (type == GEMMACT_F32) return {values, size_t(count) * sizeof(float)};
  std::vector<uint16_t> bits;
  for (int64_t i = 0; i < count; ++i)
    bits.push_back(type == GEMMACT_F16 ? gemmact::to_f16(values[i]).bits : gemmact::to_bf16(values[i]).bits);
  return {bits.data(), bits.size() * sizeof(uint16_t)};
}

class gpu_forward final : public gpu_layer {
 public:
  gpu_forward(gpu_environment& environment, const bench_case& c)
      : environment_(environment),
        layer_(environment.stores, c, rotates(c)),
        product_layer_(environment.stores, c.product(), rotates(c)),
        fused_(environment.device, layer_.problem(), layer_.tensors(true, gpu_alignment), environment.place()),
        plain_(environment.device, product_layer_.problem(), product_layer_.tensors(false, gpu_alignment),
               environment.place()),
        own_(c),
        typed_bias_(typed_bias(c.output_type(), layer_.bias, layer_.wide)),
        product_(environment.library, request_of(own_epilogue::none)),
        epilogue_(environment.library, request_of(own_.kind)),
        w_(first_of(layer_.w), size_t(layer_.w.room() * bytes_of(c.type))),
        x_(layer_.x.data(), size_t(c.m * c.k * bytes_of(c.type))),
        bias_(layer_.bias, size_t(layer_.wide) * sizeof(float)),
        targets_(layer_.targets.data(), layer_.targets.size() * sizeof(float)),
        fused_y_(size_t(c.m * c.n * bytes_of(c.output_type()))),
        unfused_y_(fused_y_.bytes()),
        epilogue_y_(own_.missing.empty() ? fused_y_.bytes() : 0),
        plain_y_(size_t(c.m * layer_.wide * bytes_of(c.output_type()))),
        product_y_(plain_y_.bytes()) {
    layer_.tolerance = gpu_tolerance;
    bind(fused_, fused_y_);
    if (!c.equation.empty()) {
      by_hand_.emplace(environment.device, layer_problem(c.by_hand()), layer_.tensors(true, gpu_alignment),
                       environment.place());
      by_hand_y_ = device_memory(fused_y_.bytes());
      bind(*by_hand_, by_hand_y_);
    }
    plain_.bind(0, x_.data());
    // Uploads are in the default stream, which the arms' stream does not wait for.
    require_cuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  std::string kernel(gpu_task ours) const override { return of(ours).kernel(); }
  std::string family(gpu_task ours) const override { return of(ours).family(); }
  int cycle() const override { return int(layer_.w.places()); }

  std::string missing(gpu_task task) const override {
    if (task == gpu_task::epilogue && !own_.missing.empty()) return own_.missing;
    return (task == gpu_task::epilogue ? epilogue_ : product_).missing();
  }

  int heuristics(gpu_task task) const override {
    if (task == gpu_task::epilogue) return own_.missing.empty() ? epilogue_.heuristics() : 0;
    return product_.heuristics();
  }

  void run(gpu_task task, int way) override {
    switch (task) {
      case gpu_task::fused:
        return run_layer(fused_);
      case gpu_task::by_hand:
        return run_layer(*by_hand_);
      case gpu_task::plain:
        return run_plain(plain_y_);
      case gpu_task::product:
        return run_cublaslt(product_, way, product_y_);
      case gpu_task::epilogue:
        return run_cublaslt(epilogue_, way, epilogue_y_);
      case gpu_task::unfused:
        return run_unfused(way);
    }
  }

  double check(gpu_task task, unsigned seed) const override {
    const gemmact_type stored = layer_.what.output_type();
    const product_path theirs = path_of_cublaslt;
    switch (task) {
      case gpu_task::fused:
      case gpu_task::by_hand:
        return check_output(task, {.product = ours(of(task))}, seed);
      case gpu_task::unfused:
        return check_output(task, {.stored = stored, .product = unfused_by_own_product_ ? ours(plain_) : theirs}, seed);
      case gpu_task::epilogue:
        return check_output(
            task, {.product = theirs, .of_z = own_.kind == own_epilogue::gelu_bias ? gelu_of_cublaslt : 0}, seed);
      case gpu_task::plain:
        return check_product(task, {.product = ours(plain_)}, seed);
      default:
        return check_product(task, {.product = theirs}, seed);
    }
  }

  void spoil(gpu_task task) const override { output(task).poison(environment_.queue.get()); }

  first_run time_first_run() override {
    const auto launch = [&](const context& opened) {
      auto layer = std::make_shared<fused_layer>(opened, layer_.problem(), layer_.tensors(true, gpu_alignment),
                                                 environment_.place());
      bind(*layer, fused_y_);
      run_layer(*layer);
      return layer;
    };
    return gemmact_bench::time_first_run(environment_.device.device(), launch, [&] { environment_.queue.wait(); });
  }

 private:
  product_path ours(const fused_layer& by) const { return environment_.path_of(by); }

  static const void* first_of(const tensor& t) {
    return static_cast<const char*>(t.data()) - t.start() * bytes_of(t.type());
  }

  product_request request_of(own_epilogue behind) const {
    return {.rows = layer_.what.m,
            .cols = layer_.wide,
            .depth = layer_.what.k,
            .right_transposed = true,
            .numbers = layer_.what.numbers(),
            .written = layer_.what.output_type(),
            .alignment = gpu_alignment,
            .heuristics = heuristics_asked,
            .behind = behind,
            .bias = typed_bias_.data()};
  }

  const fused_layer& of(gpu_task ours) const {
    return ours == gpu_task::fused ? fused_ : ours == gpu_task::by_hand ? *by_hand_ : plain_;
  }

  const device_memory& output(gpu_task task) const {
    switch (task) {
      case gpu_task::fused:
        return fused_y_;
      case gpu_task::by_hand:
        return by_hand_y_;
      case gpu_task::plain:
        return plain_y_;
      case gpu_task::epilogue:
        return epilogue_y_;
      case gpu_task::unfused:
        return unfused_y_;
      default:
        return product_y_;
    }
  }

  const void* next_w() {
    layer_.w.next();
    return w_.at(size_t(layer_.w.start() * bytes_of(layer_.what.type)));
  }

  void bind(fused_layer& to, const device_memory& y) {
    to.bind(0, x_.data());
    to.bind(1, y.data());
    for (int p = 0; p < layer_.pieces; ++p)
      to.bind(size_t(3 + 2 * p), bias_.at(size_t(p * layer_.what.n) * sizeof(float)));
    if (layer_.function.takes_target) to.bind(size_t(2 + 2 * layer_.pieces), targets_.data());
  }

  void run_layer(fused_layer& layer) {
    const void* w = next_w();
    for (int p = 0; p < layer_.pieces; ++p)
      layer.bind(size_t(2 + 2 * p),
                 static_cast<const char*>(w) + p * layer_.what.n * layer_.what.k * bytes_of(layer_.what.type));
    layer.run();
  }

  void run_plain(const device_memory& y) {
    plain_.bind(1, y.data());
    plain_.bind(2, next_w());
    plain_.run();
  }

  void run_cublaslt(const cublaslt_product& product, int heuristic, const device_memory& y) {
    product.run(heuristic, x_.data(), next_w(), y.data(), environment_.queue.get());
  }

  // The product's result is rounded to Y's type and read again, as it is where nothing is fused; a plain layer's kernel
  // works in place.
  void run_unfused(int way) {
    const bench_case& c = layer_.what;
    const device_memory& z = layer_.pieces == 1 ? unfused_y_ : product_y_;
    unfused_by_own_product_ = way == own_product;
    if (way == own_product) run_plain(z);
    else run_cublaslt(product_, way, z);
    gpu_pass_job job;
    job.z = z.data();
    job.bias = static_cast<const float*>(bias_.data());
    job.out = unfused_y_.data();
    job.rows = c.m;
    job.cols = c.n;
    job.type = c.output_type();
    job.combine = c.combine;
    job.pieces = layer_.pieces;
    job.function = c.function.c_str();
    std::copy(std::begin(layer_.function.parameters), std::end(layer_.function.parameters), job.params);
    job.targets = static_cast<const float*>(targets_.data());
    job.target_param = layer_.function.target_param;
    job.multiprocessors = environment_.multiprocessors;
    job.stream = environment_.queue.get();
    const gpu_pass_result done = run_gpu_pass(job);
    if (!done.known) throw cuda_error("there is no separate kernel for " + c.function);
    require_cuda(static_cast<cudaError_t>(done.error), "the separate kernel");
  }

  double check_output(gpu_task task, const arm_path& path, unsigned seed) const {
    const bench_case& c = layer_.what;
    return worst_of_samples(c.m, c.n, seed, [&](int64_t i, int64_t j) {
      return error_of(c.output_type(), environment_.read(output(task), c.output_type(), i * c.n + j),
                      layer_.output_at(i, j, path));
    });
  }

  double check_product(gpu_task task, const arm_path& path, unsigned seed) const {
    return worst_of_samples(layer_.what.m, layer_.wide, seed, [&](int64_t i, int64_t j) {
      return error_of(layer_.what.output_type(),
                      environment_.read(output(task), layer_.what.output_type(), i * layer_.wide + j),
                      layer_.product_at(i, j, path));
    });
  }

  gpu_environment& environment_;
  forward_layer layer_, product_layer_;
  fused_layer fused_, plain_;
  std::optional<fused_layer> by_hand_;
  const own_epilogue_of own_;
  device_memory typed_bias_;
  cublaslt_product product_, epilogue_;
  bool unfused_by_own_product_ = false;  // the last time
  device_memory w_, x_, bias_, targets_, fused_y_, unfused_y_, epilogue_y_, plain_y_, product_y_, by_hand_y_;
};

}  // namespace

std::shared_ptr<gpu_layer> make_gpu_forward(gpu_environment& environment, const bench_case& c) {
  return std::make_shared<gpu_forward>(environment, c);
}

}  // namespace gemmact_bench

#include "bench/baselines/convert.hpp"
#include "bench/baselines/pass.hpp"
#include "bench/core/backward_layer.hpp"
#include "bench/core/sample.hpp"
#include "bench/core/workload.hpp"

namespace gemmact_bench {
namespace {

// What one arm writes.
struct outputs {
  explicit outputs(const backward_layer& layer)
      : matrix(size_t(layer.rows * layer.cols * bytes_of(layer.written))),
        sums(size_t(layer.sums) * sizeof(float)),
        type(layer.written),
        cols(layer.cols) {
    poison(matrix);
    poison(sums);
  }
  written_gradient read() const {
    return {.element = [this](int64_t i, int64_t j) { return element(type, matrix.data(), i * cols + j); },
            .sum = [this](int64_t j) { return double(sums.floats()[j]); }};
  }
  buffer matrix, sums;
  gemmact_type type;
  int64_t cols;
};

class backward_state {
 public:
  backward_state(bench_environment& environment, const bench_case& c)
      : environment_(environment),
        case_(c),
        layer_(environment.stores, c),
        plan_(environment.device, backward_problem(case_, layer_.form, true), backward_tensors(c, layer_.form, true)),
        fused_(layer_),
        unfused_(layer_) {
    bind(plan_, c, true,
         {.gradient = layer_.gradient.data(),
          .factor = layer_.factor.data(),
          .kept = layer_.z.data(),
          .written = fused_.matrix.data(),
          .sums = fused_.sums.data()});
  }
  std::string kernel() const { return plan_.kernel(); }
  void run_fused() { plan_.run(); }
  double check(bool fused, unsigned seed) const { return layer_.worst((fused ? fused_ : unfused_).read(), seed); }

 protected:
  // f' of the incoming values: dY, or the f32 product.
  void run_gradient(pool& passes, const baseline_function& function, const float* product) {
    pass_job job;
    job.rows = layer_.rows;
    job.cols = layer_.cols;
    job.z = product;
    job.ldz = layer_.cols;
    job.kept = layer_.z.data();
    job.dy = product == nullptr ? layer_.gradient.data() : nullptr;
    job.params = function.parameters;
    job.out = unfused_.matrix.data();
    job.type = case_.type;
    run_pass(passes, function.passes->gradient, job);
  }
  void run_sums(pool& passes, const void* of) {
    column_sums(passes, case_.type, of, case_.m, layer_.sums, unfused_.sums.floats());
  }

  bench_environment& environment_;
  const bench_case case_;
  backward_layer layer_;
  fused_layer plan_;
  outputs fused_, unfused_;
};

// dZ = dY o f'(Z) and the bias' gradient; the baseline makes dZ, then sums its columns.
class activation_grad_state final : public backward_state {
 public:
  activation_grad_state(bench_environment& environment, const bench_case& c)
      : backward_state(environment, c), function_(c.function) {}
  void run_unfused(pool& passes) {
    run_gradient(passes, function_, nullptr);
    run_sums(passes, unfused_.matrix.data());
  }

 private:
  const baseline_function function_;
};

// dZ of the layer below: (dZ W) o f'(Z below) and its bias' gradient; the baseline does one after the other.
class input_grad_state final : public backward_state {
 public:
  input_grad_state(bench_environment& environment, const bench_case& c)
      : backward_state(environment, c),
        function_(c.function),
        product_(size_t(c.m * c.k) * sizeof(float)),
        dz_floats_(size_t(c.m * c.n) * sizeof(float)),
        w_floats_(c.type == GEMMACT_F32 ? 0 : size_t(c.weights()) * sizeof(float)) {
    poison(product_);
  }
  void run_product(const baseline_way& way) {
    const product_problem p{case_.m, case_.k, case_.n, false, false};
    const tensor &dz = layer_.gradient, &w = layer_.factor;
    if (case_.type == GEMMACT_F32) return way.library->multiply(p, dz.floats(), w.floats(), product_.floats());
    to_floats(environment_.threads, case_.type, dz.data(), case_.m * case_.n, dz_floats_.floats());
    if (way.ready) way.library->multiply(p, dz_floats_.floats(), w.floats(), product_.floats());
    else
      way.library->multiply_16_bit(p, dz_floats_.floats(), w.data(), case_.type, w_floats_.floats(), product_.floats());
  }
  void run_unfused(const baseline_way& way) {
    run_product(way);
    run_gradient(*way.passes, function_, product_.floats());
    run_sums(environment_.threads, unfused_.matrix.data());
  }
  double check_product(unsigned seed) const {
    return worst_of_samples(case_.m, case_.k, seed, [&](int64_t i, int64_t j) {
      return error_of(GEMMACT_F32, product_.floats()[i * case_.k + j], layer_.product_at(i, j));
    });
  }

 private:
  const baseline_function function_;
  buffer product_, dz_floats_, w_floats_;
};

// dW = dZ^T X and the bias' gradient; the baseline does one after the other. dW is f32 for all types.
class weight_grad_state final : public backward_state {
 public:
  weight_grad_state(bench_environment& environment, const bench_case& c)
      : backward_state(environment, c),
        dz_floats_(size_t(c.m * c.n) * sizeof(float)),
        x_floats_(size_t(c.m * c.k) * sizeof(float)) {}
  void run_product(product_library& library) {
    const product_problem p{case_.n, case_.k, case_.m, true, false};
    const float *dz = layer_.gradient.floats(), *x = layer_.factor.floats();
    if (case_.type != GEMMACT_F32) {
      to_floats(environment_.threads, case_.type, layer_.gradient.data(), case_.m * case_.n, dz_floats_.floats());
      to_floats(environment_.threads, case_.type, layer_.factor.data(), case_.m * case_.k, x_floats_.floats());
      dz = dz_floats_.floats();
      x = x_floats_.floats();
    }
    library.multiply(p, dz, x, unfused_.matrix.floats());
  }
  void run_unfused(product_library& library) {
    run_product(library);
    run_sums(environment_.threads, layer_.gradient.data());
  }
  double check_product(unsigned seed) const {
    written_gradient alone = unfused_.read();
    alone.sum = nullptr;
    return layer_.worst(alone, seed);
  }

 private:
  buffer dz_floats_, x_floats_;
};

template <class State>
arm arm_of(const std::string& name, State* s, bool fused, std::function<void()> call) {
  return {name, std::move(call), [s, fused](unsigned seed) { return s->check(fused, seed); }};
}

}  // namespace

workload make_activation_grad(bench_environment& environment, const bench_case& c) {
  auto state = std::make_shared<activation_grad_state>(environment, c);
  auto* s = state.get();
  workload w{.arms = {}, .kernel = s->kernel(), .state = state};
  w.arms.fused = arm_of("fused", s, true, [s] { s->run_fused(); });
  for (pool* p : {&environment.alone, &environment.threads})
    w.arms.unfused.push_back(arm_of(p == &environment.alone ? "two passes on one thread" : "two passes", s, false,
                                    [s, p] { s->run_unfused(*p); }));
  return w;
}

workload make_input_grad(bench_environment& environment, const bench_case& c) {
  auto state = std::make_shared<input_grad_state>(environment, c);
  auto* s = state.get();
  workload w{.arms = {}, .kernel = s->kernel(), .state = state};
  w.arms.fused = arm_of("fused", s, true, [s] { s->run_fused(); });
  for (const baseline_way& way : baseline_ways(environment, c, c.m * c.k))
    w.arms.unfused.push_back(arm_of(way.name, s, false, [s, way] { s->run_unfused(way); }));
  for (const baseline_way& way : product_ways(environment, c))
    w.arms.bare.push_back(
        {way.name, [s, way] { s->run_product(way); }, [s](unsigned seed) { return s->check_product(seed); }});
  return w;
}

workload make_weight_grad(bench_environment& environment, const bench_case& c) {
  auto state = std::make_shared<weight_grad_state>(environment, c);
  auto* s = state.get();
  workload w{.arms = {}, .kernel = s->kernel(), .state = state};
  w.arms.fused = arm_of("fused", s, true, [s] { s->run_fused(); });
  for (const auto& library : environment.products) {
    product_library* p = library.get();
    w.arms.unfused.push_back(arm_of(p->name(), s, false, [s, p] { s->run_unfused(*p); }));
    w.arms.bare.push_back(
        {p->name(), [s, p] { s->run_product(*p); }, [s](unsigned seed) { return s->check_product(seed); }});
  }
  return w;
}

}  // namespace gemmact_bench

#include "bench/baselines/convert.hpp"
#include "bench/baselines/pass.hpp"
#include "bench/core/oracle.hpp"
#include "bench/core/sample.hpp"
#include "bench/core/workload.hpp"

namespace gemmact_bench {
namespace {

gemmact_problem problem_of(const bench_case& c) {
  gemmact_problem p{};
  p.operation = c.operation;
  p.m = c.m;
  p.n = c.n;
  p.k = c.k;
  return p;
}

// An output of one arm: a matrix and the sums of columns that go with it.
struct outputs {
  outputs(const bench_case& c, gemmact_type type, int64_t rows, int64_t columns, int64_t sum_count)
      : matrix(size_t(rows * columns * bytes_of(type))),
        sums(size_t(sum_count) * sizeof(float)),
        cols(columns),
        matrix_type(type),
        input_type(c.type) {
    poison(matrix);
    poison(sums);
  }
  double matrix_error(int64_t i, int64_t j, approximate expected) const {
    return error_of(matrix_type, element(matrix_type, matrix.data(), i * cols + j), expected);
  }
  // A sum of `terms` values whose sizes add up to `size`, each perhaps rounded to the inputs' type before.
  double sum_error(int64_t j, approximate expected, double size) const {
    if (input_type != GEMMACT_F32) expected.error += size * (input_type == GEMMACT_F16 ? 0x1p-11 : 0x1p-8);
    return error_of(GEMMACT_F32, sums.floats()[j], expected);
  }
  buffer matrix, sums;
  int64_t cols;
  gemmact_type matrix_type, input_type;
};

// Sum and size of the approximate terms of a column.
template <class Term>
double column_error(const outputs& out, int64_t column, int64_t rows, const Term& term) {
  approximate total;
  double size = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const approximate t = term(i);
    total.value += t.value;
    total.error += t.error;
    size += std::abs(t.value);
  }
  total.error += double(rows + 1) * 0x1p-24 * size;
  return out.sum_error(column, total, size);
}

// dZ = dY o f'(Z) and the bias' gradient; the baseline makes dZ, then sums its columns.
class activation_grad_state {
 public:
  activation_grad_state(bench_environment& environment, const bench_case& c)
      : environment_(environment),
        case_(c),
        function_(c.function),
        oracle_(c.function),
        dy_(environment.stores.inputs(c.type, 2 * c.m * c.n), c.m * c.n, false),
        z_(environment.stores.inputs(c.type, 2 * c.m * c.n), c.m * c.n, false, c.m * c.n),
        layer_(environment.device, problem(),
               {matrix(GEMMACT_DY, c.type), matrix(GEMMACT_KEPT, c.type), matrix(GEMMACT_DZ, c.type),
                vector(GEMMACT_DBIAS, GEMMACT_PER_COLUMN)}),
        fused_(c, c.type, c.m, c.n, c.n),
        unfused_(c, c.type, c.m, c.n, c.n) {
    layer_.bind(0, dy_.data());
    layer_.bind(1, z_.data());
    layer_.bind(2, fused_.matrix.data());
    layer_.bind(3, fused_.sums.data());
  }
  std::string kernel() const { return layer_.kernel(); }
  void run_fused() { layer_.run(); }
  void run_unfused(pool& passes) {
    pass_job job;
    job.rows = case_.m;
    job.cols = case_.n;
    job.kept = z_.data();
    job.dy = dy_.data();
    job.params = function_.parameters;
    job.out = unfused_.matrix.data();
    job.type = case_.type;
    run_pass(passes, function_.passes->gradient, job);
    column_sums(passes, case_.type, unfused_.matrix.data(), case_.m, case_.n, unfused_.sums.floats());
  }
  double check(bool fused, unsigned seed) const {
    const outputs& out = fused ? fused_ : unfused_;
    return worst_of_samples(case_.m, case_.n, seed, [&](int64_t i, int64_t j) {
      const double sum = column_error(out, j, case_.m, [&](int64_t row) { return expected(row, j); });
      return std::max(sum, out.matrix_error(i, j, expected(i, j)));
    });
  }

 private:
  gemmact_problem problem() const {
    gemmact_problem p = problem_of(case_);
    p.activation = case_.function.c_str();
    p.keep = GEMMACT_KEEP_Z;
    return p;
  }
  approximate expected(int64_t i, int64_t j) const {
    const int64_t at = i * case_.n + j;
    return times({dy_.floats()[at], 0}, oracle_.slope({z_.floats()[at], 0}));
  }

  bench_environment& environment_;
  const bench_case case_;
  const baseline_function function_;
  const function_oracle oracle_;
  tensor dy_, z_;
  fused_layer layer_;
  outputs fused_, unfused_;
};

// dZ of the layer below: (dZ W) o f'(Z below) and its bias' gradient; the baseline does one after the other.
class input_grad_state {
 public:
  input_grad_state(bench_environment& environment, const bench_case& c)
      : environment_(environment),
        case_(c),
        function_(c.function),
        oracle_(c.function),
        w_(environment.stores.weights(c.type, c.weights(), false), c.weights(), false),
        dz_(environment.stores.inputs(c.type, c.m * (c.n + c.k)), c.m * c.n, false),
        below_(environment.stores.inputs(c.type, c.m * (c.n + c.k)), c.m * c.k, false, c.m * c.n),
        layer_(environment.device, problem(),
               {matrix(GEMMACT_DZ, c.type), matrix(GEMMACT_W, c.type), matrix(GEMMACT_BELOW | GEMMACT_KEPT, c.type),
                matrix(GEMMACT_BELOW | GEMMACT_DZ, c.type), vector(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_PER_COLUMN)}),
        fused_(c, c.type, c.m, c.k, c.k),
        unfused_(c, c.type, c.m, c.k, c.k),
        product_(size_t(c.m * c.k) * sizeof(float)),
        dz_floats_(size_t(c.m * c.n) * sizeof(float)),
        w_floats_(c.type == GEMMACT_F32 ? 0 : size_t(c.weights()) * sizeof(float)) {
    const void* const bound[] = {dz_.data(), w_.data(), below_.data(), fused_.matrix.data(), fused_.sums.data()};
    for (size_t i = 0; i < std::size(bound); ++i) layer_.bind(i, bound[i]);
    poison(product_);
  }
  std::string kernel() const { return layer_.kernel(); }
  void run_fused() { layer_.run(); }
  void run_product(const baseline_way& way) {
    const product_problem p{case_.m, case_.k, case_.n, false, false};
    if (case_.type == GEMMACT_F32) return way.library->multiply(p, dz_.floats(), w_.floats(), product_.floats());
    to_floats(environment_.threads, case_.type, dz_.data(), case_.m * case_.n, dz_floats_.floats());
    if (way.ready) way.library->multiply(p, dz_floats_.floats(), w_.floats(), product_.floats());
    else
      way.library->multiply_16_bit(p, dz_floats_.floats(), w_.data(), case_.type, w_floats_.floats(),
                                   product_.floats());
  }
  void run_unfused(const baseline_way& way) {
    run_product(way);
    pass_job job;
    job.rows = case_.m;
    job.cols = case_.k;
    job.z = product_.floats();
    job.ldz = case_.k;
    job.kept = below_.data();
    job.params = function_.parameters;
    job.out = unfused_.matrix.data();
    job.type = case_.type;
    run_pass(*way.passes, function_.passes->gradient, job);
    column_sums(environment_.threads, case_.type, unfused_.matrix.data(), case_.m, case_.k, unfused_.sums.floats());
  }
  double check(bool fused, unsigned seed) const {
    const outputs& out = fused ? fused_ : unfused_;
    unsigned samples = 0;
    return worst_of_samples(case_.m, case_.k, seed, [&](int64_t i, int64_t j) {
      const double error = out.matrix_error(i, j, expected(i, j));
      if (samples++ > 0) return error;  // a column takes m dot products: one is enough
      return std::max(error, column_error(out, j, case_.m, [&](int64_t row) { return expected(row, j); }));
    });
  }
  double check_product(unsigned seed) const {
    return worst_of_samples(case_.m, case_.k, seed, [&](int64_t i, int64_t j) {
      return error_of(GEMMACT_F32, product_.floats()[i * case_.k + j], product_at(i, j));
    });
  }

 private:
  gemmact_problem problem() const {
    gemmact_problem p = problem_of(case_);
    p.below = case_.function.c_str();
    p.keep_below = GEMMACT_KEEP_Z;
    return p;
  }
  approximate product_at(int64_t i, int64_t j) const {
    return dot(dz_.floats() + i * case_.n, 1, w_.floats() + j, case_.k, case_.n);
  }
  approximate expected(int64_t i, int64_t j) const {
    return times(product_at(i, j), oracle_.slope({below_.floats()[i * case_.k + j], 0}));
  }

  bench_environment& environment_;
  const bench_case case_;
  const baseline_function function_;
  const function_oracle oracle_;
  tensor w_, dz_, below_;
  fused_layer layer_;
  outputs fused_, unfused_;
  buffer product_, dz_floats_, w_floats_;
};

// dW = dZ^T X and the bias' gradient; the baseline does one after the other. dW is f32 for all types.
class weight_grad_state {
 public:
  weight_grad_state(bench_environment& environment, const bench_case& c)
      : environment_(environment),
        case_(c),
        dz_(environment.stores.inputs(c.type, c.m * (c.n + c.k)), c.m * c.n, false),
        x_(environment.stores.inputs(c.type, c.m * (c.n + c.k)), c.m * c.k, false, c.m * c.n),
        layer_(environment.device, problem_of(c),
               {matrix(GEMMACT_DZ, c.type), matrix(GEMMACT_X, c.type), matrix(GEMMACT_DW, GEMMACT_F32),
                vector(GEMMACT_DBIAS, GEMMACT_PER_COLUMN)}),
        fused_(c, GEMMACT_F32, c.n, c.k, c.n),
        unfused_(c, GEMMACT_F32, c.n, c.k, c.n),
        dz_floats_(size_t(c.m * c.n) * sizeof(float)),
        x_floats_(size_t(c.m * c.k) * sizeof(float)) {
    const void* const bound[] = {dz_.data(), x_.data(), fused_.matrix.data(), fused_.sums.data()};
    for (size_t i = 0; i < std::size(bound); ++i) layer_.bind(i, bound[i]);
  }
  std::string kernel() const { return layer_.kernel(); }
  void run_fused() { layer_.run(); }
  void run_product(product_library& library) {
    const product_problem p{case_.n, case_.k, case_.m, true, false};
    const float *dz = dz_.floats(), *x = x_.floats();
    if (case_.type != GEMMACT_F32) {
      to_floats(environment_.threads, case_.type, dz_.data(), case_.m * case_.n, dz_floats_.floats());
      to_floats(environment_.threads, case_.type, x_.data(), case_.m * case_.k, x_floats_.floats());
      dz = dz_floats_.floats();
      x = x_floats_.floats();
    }
    library.multiply(p, dz, x, unfused_.matrix.floats());
  }
  void run_unfused(product_library& library) {
    run_product(library);
    column_sums(environment_.threads, case_.type, dz_.data(), case_.m, case_.n, unfused_.sums.floats());
  }
  double check(bool fused, unsigned seed, bool sums = true) const {
    const outputs& out = fused ? fused_ : unfused_;
    return worst_of_samples(case_.n, case_.k, seed, [&](int64_t i, int64_t j) {
      const double error = out.matrix_error(i, j, dot(dz_.floats() + i, case_.n, x_.floats() + j, case_.k, case_.m));
      if (!sums) return error;
      return std::max(error, column_error(out, i, case_.m, [&](int64_t row) {
                        return approximate{dz_.floats()[row * case_.n + i], 0};
                      }));
    });
  }

 private:
  bench_environment& environment_;
  const bench_case case_;
  tensor dz_, x_;
  fused_layer layer_;
  outputs fused_, unfused_;
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
        {p->name(), [s, p] { s->run_product(*p); }, [s](unsigned seed) { return s->check(false, seed, false); }});
  }
  return w;
}

}  // namespace gemmact_bench

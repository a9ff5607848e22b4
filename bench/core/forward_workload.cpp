#include <cmath>
#include <limits>

#include "bench/baselines/convert.hpp"
#include "bench/baselines/pass.hpp"
#include "bench/core/oracle.hpp"
#include "bench/core/sample.hpp"
#include "bench/core/workload.hpp"

namespace gemmact_bench {
namespace {

std::vector<gemmact_tensor> tensors_of(const bench_case& c, int pieces, bool target) {
  std::vector<gemmact_tensor> all = {matrix(GEMMACT_X, c.type), matrix(GEMMACT_Y, c.type)};
  for (int p = 0; p < pieces; ++p) {
    all.push_back(matrix(GEMMACT_W, c.type, uint32_t(p)));
    all.push_back(vector(GEMMACT_BIAS, GEMMACT_PER_COLUMN));
    all.back().index = uint32_t(p);
  }
  if (target) all.push_back(vector(GEMMACT_TARGET, GEMMACT_PER_ROW));
  return all;
}

gemmact_problem problem_of(const bench_case& c) {
  gemmact_problem p{};
  p.operation = GEMMACT_FORWARD;
  p.combine = c.combine;
  p.pieces = c.combine == GEMMACT_MAXOUT ? 2 : 0;
  p.m = c.m;
  p.n = c.n;
  p.k = c.k;
  p.activation = c.function.empty() ? nullptr : c.function.c_str();
  return p;
}

class forward_state {
 public:
  forward_state(bench_environment& environment, const bench_case& c)
      : environment_(environment),
        case_(c),
        pieces_(c.combine == GEMMACT_PLAIN ? 1 : 2),
        wide_(c.n * pieces_),
        function_(c.function),
        w_(environment.weights(c.type, c.weights(), is_cold(c)), c.weights(), is_cold(c)),
        x_(environment.inputs(c.type, c.m * c.k + wide_ + 64), c.m * c.k, false),
        bias_(environment.inputs(c.type, c.m * c.k + wide_ + 64).floats_at(c.m * c.k)),
        targets_(size_t(c.m)),
        layer_(environment.device, problem_of(c), tensors_of(c, pieces_, function_.takes_target)),
        fused_y_(size_t(c.m * c.n * bytes_of(c.type))),
        unfused_y_(fused_y_.bytes()),
        z_(size_t(c.m * wide_) * sizeof(float)) {
    for (size_t i = 0; i < targets_.size(); ++i) targets_[i] = i % 3 == 0 ? -1.0f : 1.0f;
    if (c.type != GEMMACT_F32) {
      x_floats_ = buffer(size_t(c.m * c.k) * sizeof(float));
      w_floats_ = buffer(size_t(c.weights()) * sizeof(float));
    }
    for (const buffer* b : {&fused_y_, &unfused_y_, &z_}) poison(*b);
    layer_.bind(0, x_.data());
    layer_.bind(1, fused_y_.data());
    for (int p = 0; p < pieces_; ++p) layer_.bind(size_t(3 + 2 * p), bias_ + p * c.n);
    if (function_.takes_target) layer_.bind(size_t(2 + 2 * pieces_), targets_.data());
  }

  std::string kernel() const { return layer_.kernel(); }

  void run_fused() {
    w_.next();
    for (int p = 0; p < pieces_; ++p)
      layer_.bind(size_t(2 + 2 * p),
                  static_cast<const char*>(w_.data()) + p * case_.n * case_.k * bytes_of(case_.type));
    layer_.run();
  }

  void run_product(const baseline_way& way, float* z) {
    w_.next();
    const product_problem p{case_.m, wide_, case_.k, false, true};
    if (case_.type == GEMMACT_F32) return way.library->multiply(p, x_.floats(), w_.floats(), z);
    to_floats(environment_.threads, case_.type, x_.data(), case_.m * case_.k, x_floats_.floats());
    if (way.ready) way.library->multiply(p, x_floats_.floats(), w_.floats(), z);
    else way.library->multiply_16_bit(p, x_floats_.floats(), w_.data(), case_.type, w_floats_.floats(), z);
  }

  void run_unfused(const baseline_way& way) {
    // A plain f32 layer's pass works in place: no other buffer is touched.
    const bool in_place = case_.type == GEMMACT_F32 && pieces_ == 1;
    float* z = in_place ? unfused_y_.floats() : z_.floats();
    run_product(way, z);
    pass_job job;
    job.rows = case_.m;
    job.cols = case_.n;
    job.z = z;
    job.ldz = wide_;
    job.bias = bias_;
    job.params = function_.parameters;
    job.targets = targets_.data();
    job.target_param = function_.target_param;
    job.out = unfused_y_.data();
    job.type = case_.type;
    const activation_passes* passes = function_.passes;
    run_pass(*way.passes, passes == nullptr ? maxout_pass : pieces_ == 2 ? passes->gated : passes->forward, job);
  }

  double check(const buffer& y, unsigned seed) const {
    return worst_of_samples(case_.m, case_.n, seed, [&](int64_t i, int64_t j) {
      return error_of(case_.type, element(case_.type, y.data(), i * case_.n + j), expected(i, j));
    });
  }
  double check_fused(unsigned seed) const { return check(fused_y_, seed); }
  double check_unfused(unsigned seed) const { return check(unfused_y_, seed); }
  double check_product(unsigned seed) const {
    return worst_of_samples(case_.m, wide_, seed, [&](int64_t i, int64_t j) {
      return error_of(GEMMACT_F32, z_.floats()[i * wide_ + j], product_at(i, j));
    });
  }
  void run_bare(const baseline_way& way) { run_product(way, z_.floats()); }

 private:
  approximate product_at(int64_t i, int64_t j) const {
    return dot(x_.floats() + i * case_.k, 1, w_.floats() + j * case_.k, 1, case_.k);
  }

  approximate expected(int64_t i, int64_t j) const {
    const approximate z = plus(product_at(i, j), bias_[j]);
    if (case_.combine == GEMMACT_PLAIN) return function_oracle(case_.function, targets_[size_t(i)]).value(z);
    const approximate other = plus(product_at(i, j + case_.n), bias_[j + case_.n]);
    if (case_.combine == GEMMACT_MAXOUT) return larger(z, other);
    return times(function_oracle(case_.function, targets_[size_t(i)]).value(z), other);
  }

  bench_environment& environment_;
  const bench_case case_;
  const int pieces_;
  const int64_t wide_;  // columns of the product
  const baseline_function function_;
  tensor w_, x_;
  const float* bias_;
  std::vector<float> targets_;
  fused_layer layer_;
  buffer fused_y_, unfused_y_, z_, x_floats_, w_floats_;
};

}  // namespace

workload make_forward(bench_environment& environment, const bench_case& c) {
  auto state = std::make_shared<forward_state>(environment, c);
  forward_state* s = state.get();
  workload w{.arms = {}, .kernel = s->kernel(), .state = state};
  w.arms.fused = {"fused", [s] { s->run_fused(); }, [s](unsigned seed) { return s->check_fused(seed); }};
  for (const baseline_way& way : baseline_ways(environment, c, c.m * c.n))
    w.arms.unfused.push_back(
        {way.name, [s, way] { s->run_unfused(way); }, [s](unsigned seed) { return s->check_unfused(seed); }});
  for (const baseline_way& way : product_ways(environment, c))
    w.arms.bare.push_back(
        {way.name, [s, way] { s->run_bare(way); }, [s](unsigned seed) { return s->check_product(seed); }});
  return w;
}

}  // namespace gemmact_bench

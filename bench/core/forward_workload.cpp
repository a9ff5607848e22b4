#include <cmath>
#include <limits>
#include <optional>

#include "bench/baselines/convert.hpp"
#include "bench/baselines/pass.hpp"
#include "bench/core/forward_layer.hpp"
#include "bench/core/workload.hpp"

namespace gemmact_bench {
namespace {

class forward_state {
 public:
  forward_state(bench_environment& environment, const bench_case& c)
      : environment_(environment),
        case_(c),
        layer_(environment.stores, c, is_cold(c)),
        fused_(environment.device, layer_.problem(), layer_.tensors(true)),
        fused_y_(size_t(c.m * c.n * bytes_of(c.type))),
        unfused_y_(fused_y_.bytes()),
        z_(size_t(c.m * layer_.wide) * sizeof(float)) {
    if (c.type != GEMMACT_F32) {
      x_floats_ = buffer(size_t(c.m * c.k) * sizeof(float));
      w_floats_ = buffer(size_t(c.weights()) * sizeof(float));
    }
    for (const buffer* b : {&fused_y_, &unfused_y_, &z_}) poison(*b);
    bind(fused_, fused_y_);
    if (c.equation.empty()) return;
    by_hand_.emplace(environment.device, layer_problem(c.by_hand()), layer_.tensors(true));
    by_hand_y_ = buffer(fused_y_.bytes());
    poison(by_hand_y_);
    bind(*by_hand_, by_hand_y_);
  }

  std::string kernel() const { return fused_.kernel(); }

  void run_fused() { run(fused_); }
  void run_by_hand() { run(*by_hand_); }

  void run_product(const baseline_way& way, float* z) {
    layer_.w.next();
    const product_problem p{case_.m, layer_.wide, case_.k, false, true};
    if (case_.type == GEMMACT_F32) return way.library->multiply(p, layer_.x.floats(), layer_.w.floats(), z);
    to_floats(environment_.threads, case_.type, layer_.x.data(), case_.m * case_.k, x_floats_.floats());
    if (way.ready) way.library->multiply(p, x_floats_.floats(), layer_.w.floats(), z);
    else way.library->multiply_16_bit(p, x_floats_.floats(), layer_.w.data(), case_.type, w_floats_.floats(), z);
  }

  void run_unfused(const baseline_way& way) {
    // A plain f32 layer's pass works in place: no other buffer is touched.
    const bool in_place = case_.type == GEMMACT_F32 && layer_.pieces == 1;
    float* z = in_place ? unfused_y_.floats() : z_.floats();
    run_product(way, z);
    pass_job job;
    job.rows = case_.m;
    job.pieces = layer_.pieces;
    job.cols = case_.n;
    job.z = z;
    job.ldz = layer_.wide;
    job.bias = layer_.bias;
    job.params = layer_.function.parameters;
    job.targets = layer_.targets.data();
    job.target_param = layer_.function.target_param;
    job.out = unfused_y_.data();
    job.type = case_.type;
    const activation_passes* passes = layer_.function.passes;
    run_pass(*way.passes,
             passes == nullptr                ? maxout_pass
             : case_.combine == GEMMACT_GATED ? passes->gated
                                              : passes->forward,
             job);
  }

  double check(const buffer& y, unsigned seed) const {
    return worst_of_samples(case_.m, case_.n, seed, [&](int64_t i, int64_t j) {
      return error_of(case_.type, element(case_.type, y.data(), i * case_.n + j), layer_.output_at(i, j));
    });
  }
  double check_fused(unsigned seed) const { return check(fused_y_, seed); }
  double check_by_hand(unsigned seed) const { return check(by_hand_y_, seed); }
  double check_unfused(unsigned seed) const { return check(unfused_y_, seed); }
  double check_product(unsigned seed) const {
    return worst_of_samples(case_.m, layer_.wide, seed, [&](int64_t i, int64_t j) {
      return error_of(GEMMACT_F32, z_.floats()[i * layer_.wide + j], layer_.product_at(i, j));
    });
  }
  void run_bare(const baseline_way& way) { run_product(way, z_.floats()); }

 private:
  void bind(fused_layer& to, const buffer& y) {
    to.bind(0, layer_.x.data());
    to.bind(1, y.data());
    for (int p = 0; p < layer_.pieces; ++p) to.bind(size_t(3 + 2 * p), layer_.bias + p * case_.n);
    if (layer_.function.takes_target) to.bind(size_t(2 + 2 * layer_.pieces), layer_.targets.data());
  }

  void run(fused_layer& layer) {
    layer_.w.next();
    for (int p = 0; p < layer_.pieces; ++p)
      layer.bind(size_t(2 + 2 * p),
                 static_cast<const char*>(layer_.w.data()) + p * case_.n * case_.k * bytes_of(case_.type));
    layer.run();
  }

  bench_environment& environment_;
  const bench_case case_;
  forward_layer layer_;
  fused_layer fused_;
  std::optional<fused_layer> by_hand_;
  buffer fused_y_, by_hand_y_, unfused_y_, z_, x_floats_, w_floats_;
};

}  // namespace

workload make_forward(bench_environment& environment, const bench_case& c) {
  auto state = std::make_shared<forward_state>(environment, c);
  forward_state* s = state.get();
  workload w{.arms = {}, .kernel = s->kernel(), .cold = is_cold(c), .state = state};
  w.arms.fused = {"fused", [s] { s->run_fused(); }, [s](unsigned seed) { return s->check_fused(seed); }};
  for (const baseline_way& way : baseline_ways(environment, c, c.m * c.n))
    w.arms.unfused.push_back(
        {way.name, [s, way] { s->run_unfused(way); }, [s](unsigned seed) { return s->check_unfused(seed); }});
  if (!c.equation.empty())
    w.arms.others = {
        {c.function + " by hand", [s] { s->run_by_hand(); }, [s](unsigned seed) { return s->check_by_hand(seed); }}};
  for (const baseline_way& way : product_ways(environment, c))
    w.arms.bare.push_back(
        {way.name, [s, way] { s->run_bare(way); }, [s](unsigned seed) { return s->check_product(seed); }});
  return w;
}

}  // namespace gemmact_bench

#include "bench/core/workload.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gemmact_bench {
namespace {

// Elements from which a pass may gain from all threads, and from which it surely does.
constexpr int64_t short_pass = 4096, shared_pass = 1 << 17;

workload make_operation(bench_environment& environment, const bench_case& c) {
  switch (c.operation) {
    case GEMMACT_ACTIVATION_GRAD:
      return make_activation_grad(environment, c);
    case GEMMACT_INPUT_GRAD:
      return make_input_grad(environment, c);
    case GEMMACT_WEIGHT_GRAD:
      return make_weight_grad(environment, c);
    default:
      return make_forward(environment, c);
  }
}

}  // namespace

bench_environment::bench_environment(const context& on, int64_t cold_bytes)
    : device(on), threads(on.threads()), alone(1), stores(threads, cold_bytes) {
  products.push_back(make_eigen_product(threads));
  if (auto openblas = make_openblas_product(threads, &openblas_missing)) products.push_back(std::move(openblas));
}

bool is_cold(const bench_case& c, int64_t most_rows) {
  return c.operation == GEMMACT_FORWARD && c.m <= most_rows && c.weights() >= least_cold_weights;
}

std::vector<baseline_way> baseline_ways(bench_environment& environment, const bench_case& c, int64_t elements) {
  std::vector<pool*> passes;
  if (elements < shared_pass) passes.push_back(&environment.alone);
  if (elements >= short_pass) passes.push_back(&environment.threads);
  std::vector<baseline_way> ways;
  for (const auto& library : environment.products)
    for (const bool ready : {true, false}) {
      if (!ready && c.type == GEMMACT_F32) continue;
      const std::string product = library->name() + (c.type == GEMMACT_F32 ? ""
                                                     : ready               ? ", W kept as f32"
                                                                           : ", W converted");
      for (pool* p : passes)
        ways.push_back({library.get(), ready, p,
                        product + (passes.size() > 1 && p == &environment.alone ? ", pass on one thread" : "")});
    }
  return ways;
}

std::vector<baseline_way> product_ways(bench_environment& environment, const bench_case& c) {
  return baseline_ways(environment, c, 0);
}

arm no_equation() {
  arm none;
  none.missing = "its function is the catalogue's own already";
  return none;
}

workload make_workload(bench_environment& environment, const bench_case& c) {
  if (c.type == GEMMACT_E4M3 || c.compute != GEMMACT_COMPUTE_STRICT)
    throw case_left_out(fmt::format("on a CPU the baselines have no {} product", name_of(c.numbers())));
  workload w = make_operation(environment, c);
  if (w.arms.others.empty()) w.arms.others = {no_equation()};
  return w;
}

}  // namespace gemmact_bench

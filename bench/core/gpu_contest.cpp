#include "bench/core/gpu_contest.hpp"

#include <fmt/format.h>

namespace gemmact_bench {
namespace {

arm arm_of(gpu_layer* layer, const std::string& name, gpu_task task, int way) {
  return {.name = name,
          .call = [=] { layer->run(task, way); },
          .check = [=](unsigned seed) { return layer->check(task, seed); },
          .spoil = [=] { layer->spoil(task); }};
}

arm missing_arm(const std::string& why) {
  arm a;
  a.missing = why;
  return a;
}

std::vector<arm> candidates_of(gpu_layer* layer, gpu_task task) {
  std::vector<arm> all;
  const int count = layer->heuristics(task);
  for (int i = 0; i < count; ++i)
    all.push_back(arm_of(layer,
                         fmt::format("cuBLASLt{}, heuristic {} of {}",
                                     task == gpu_task::epilogue ? " with its own epilogue" : "", i + 1, count),
                         task, i));
  return all;
}

remembered_heat tried(gpu_layer* layer, gpu_task task, const std::vector<arm>& candidates,
                      const measure_settings& settings) {
  const std::string why = layer->missing(task);
  if (!why.empty()) return {{}, why};
  try {
    return {choose(candidates, settings, layer->cycle()), ""};
  } catch (const std::exception& e) {
    return {{}, std::string("cuBLASLt: ") + e.what()};
  }
}

}  // namespace

std::vector<std::string> gpu_columns() {
  return {heading_by_hand, "/ cuBLASLt default", "/ cuBLASLt epilogue", "/ ours plain"};
}

workload make_gpu_workload(const std::shared_ptr<gpu_layer>& layer, const bench_case& c,
                           const measure_settings& settings, heat_memory& memory) {
  gpu_layer* l = layer.get();
  workload w{.arms = {}, .kernel = l->kernel(gpu_task::fused), .family = l->family(gpu_task::fused), .state = layer};
  w.arms.cycle = l->cycle();
  const std::string product_key = c.product_text();
  const auto chosen = [&](gpu_task task, const std::vector<arm>& candidates, const std::string& key) {
    const auto at = memory.find(key);
    if (at != memory.end()) return at->second;
    return memory.emplace(key, tried(l, task, candidates, settings)).first->second;
  };
  const std::vector<arm> products = candidates_of(l, gpu_task::product);
  const std::vector<arm> epilogues = candidates_of(l, gpu_task::epilogue);
  const remembered_heat product = chosen(gpu_task::product, products, product_key);
  const remembered_heat epilogue = chosen(gpu_task::epilogue, epilogues, product_key + " " + c.function_text());
  w.chosen = product.chosen;
  const bool has_product = product.missing.empty();
  w.arms.fused = arm_of(l, "fused", gpu_task::fused, 0);
  const std::string product_name =
      has_product ? products[product.chosen.best].name : "gemmact's own product (" + product.missing + ")";
  w.arms.unfused = {arm_of(l, l->unfused_name(product_name), gpu_task::unfused,
                           has_product ? int(product.chosen.best) : own_product)};
  if (has_product) w.arms.bare = {products[product.chosen.best]};
  if (c.flops() > 0) w.arms.bare_missing = product.missing;
  w.arms.others.resize(gpu_columns().size());
  const bool typed = !c.equation.empty();
  if (typed) w.first = l->time_first_run();
  w.arms.others[column_by_hand] =
      typed ? arm_of(l, fmt::format("{} by hand, {}", c.function, l->kernel(gpu_task::by_hand)), gpu_task::by_hand, 0)
            : no_equation();
  w.arms.others[column_default] = !has_product                  ? missing_arm(product.missing)
                                  : product.chosen.first_usable ? products.front()
                                                                : missing_arm("its first heuristic fails here");
  w.arms.others[column_epilogue] =
      epilogue.missing.empty() ? epilogues[epilogue.chosen.best] : missing_arm(epilogue.missing);
  w.arms.others[column_plain] = arm_of(
      l, fmt::format("gemmact, {} of {}", l->kernel(gpu_task::plain), l->family(gpu_task::plain)), gpu_task::plain, 0);
  return w;
}

}  // namespace gemmact_bench

// A layer on a GPU that is not there: every arm takes as long and is as wrong as it is told, by a queue's own clock.
#pragma once
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/core/gpu_contest.hpp"
#include "tests/bench/fake_queue.hpp"

namespace gemmact_bench {

struct planted_arm {
  double seconds = 0;
  double error = 0;      // as its check tells it
  bool writes = true;    // false: the output stays as it was
  bool refuses = false;  // the call throws
};

class planted_layer final : public gpu_layer {
 public:
  explicit planted_layer(fake_queue& queue) : queue_(queue) {
    ways = {{gpu_task::fused, {{1.0e-4}}},
            {gpu_task::by_hand, {{0.98e-4}}},
            {gpu_task::plain, {{0.95e-4}}},
            {gpu_task::unfused, {{1.5e-4}, {1.5e-4}, {1.5e-4}}},
            {gpu_task::product, {{1.2e-4}, {0.9e-4}, {2e-4}}},
            {gpu_task::epilogue, {{1.05e-4}, {1.2e-4}}}};
  }

  std::map<gpu_task, std::vector<planted_arm>> ways;
  std::map<gpu_task, std::string> reasons;      // of missing
  std::vector<std::pair<gpu_task, int>> calls;  // in order

  std::string kernel(gpu_task ours) const override { return ours == gpu_task::fused ? "fused_kernel" : "plain_kernel"; }
  std::string family(gpu_task) const override { return "gemm_sm80"; }
  int cycle() const override { return 1; }
  std::string missing(gpu_task task) const override {
    const auto at = reasons.find(task);
    return at == reasons.end() ? "" : at->second;
  }
  int heuristics(gpu_task task) const override { return missing(task).empty() ? int(ways.at(task).size()) : 0; }
  void run(gpu_task task, int way) override {
    const planted_arm& a = of(task, way);
    if (a.refuses) throw std::runtime_error("planted refusal");
    calls.emplace_back(task, way);
    queue_.add(a.seconds);
    if (a.writes) written_[task] = a.error;
  }
  double check(gpu_task task, unsigned) const override { return written_.at(task); }
  void spoil(gpu_task task) const override { written_[task] = 1e9; }
  first_run time_first_run() override { return {0.8, 5e-3}; }

 private:
  const planted_arm& of(gpu_task task, int way) const {
    const std::vector<planted_arm>& all = ways.at(task);
    return all[size_t(way == own_product ? 0 : way)];
  }

  fake_queue& queue_;
  mutable std::map<gpu_task, double> written_;
};

}  // namespace gemmact_bench

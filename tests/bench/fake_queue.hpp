#pragma once
#include <functional>
#include <vector>

#include "bench/core/timer.hpp"

namespace gemmact_bench {

// A device with a clock of its own: what is added is done when it is waited for. The host's time does not count.
class fake_queue final : public device_queue {
 public:
  void add(double seconds) { (collecting ? collected : waiting).push_back(seconds); }
  void mark() override { wait(), marked = clock; }
  double seconds_since_mark() override { return wait(), clock - marked; }
  void wait() override {
    for (const double seconds : waiting) clock += seconds;
    waiting.clear();
  }
  std::function<void()> collect(const std::function<void()>& work) override {
    ++collections;
    collected.clear();
    collecting = true;
    try {
      work();
    } catch (...) {
      collecting = false;
      throw;
    }
    collecting = false;
    return [this, all = collected, first = true]() mutable {
      ++additions;
      if (first) waiting.push_back(cold_start);
      first = false;
      for (const double seconds : all) waiting.push_back(seconds);
    };
  }

  double clock = 0, marked = 0;
  double cold_start = 0.5;  // of the first time that something collected is done
  std::vector<double> waiting, collected;
  bool collecting = false;
  int collections = 0, additions = 0;
};

}  // namespace gemmact_bench

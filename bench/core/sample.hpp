// What the workloads share: poison, samples of an output, and a function as the baseline knows it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "bench/baselines/pass.hpp"
#include "bench/core/data.hpp"

namespace gemmact_bench {

// NaN in every type, and touched, so that no arm pays for the first page fault and none passes by writing nothing.
inline void poison(const buffer& b) { std::memset(b.data(), 0xff, b.bytes()); }

// The worst of error(row, column) over the last element and seven others.
template <class Error>
double worst_of_samples(int64_t rows, int64_t cols, unsigned seed, const Error& error) {
  std::minstd_rand random(seed + 1);
  double worst = 0;
  for (int i = 0; i < 8; ++i) {
    const int64_t row = i == 0 ? rows - 1 : int64_t(random()) % rows,
                  col = i == 0 ? cols - 1 : int64_t(random()) % cols;
    const double e = error(row, col);
    worst = std::isnan(e) ? INFINITY : std::max(worst, e);
  }
  return worst;
}

// The parameters of a function of the catalogue, and which of them comes from a tensor (a hinge's target); -1: none.
struct default_parameters {
  explicit default_parameters(const std::string& name);
  float values[GEMMACT_MAX_PARAMS] = {};
  int operand = -1;
};

// A function as the baseline knows it; a maxout has none ("").
struct baseline_function {
  explicit baseline_function(const std::string& name);
  const activation_passes* passes = nullptr;
  float parameters[GEMMACT_MAX_PARAMS] = {};
  bool takes_target = false;
  int target_param = -1;
};

}  // namespace gemmact_bench

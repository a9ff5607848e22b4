// One case: the arms timed round by round, in turn, on the same machine in the same state.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bench/core/statistics.hpp"

namespace gemmact_bench {

double steady_seconds();

struct arm {
  std::string name;
  std::function<void()> call;  // the work that is timed
  // The largest error of a sample of what the last call wrote, divided by its bound: right up to 1. Samples of different
  // seeds are of different elements.
  std::function<double(unsigned seed)> check;
};

// What competes in one case. Of the candidates the fastest in a short heat runs.
struct contest {
  arm fused;
  std::vector<arm> unfused;  // candidates, at least 1
  std::vector<arm> bare;     // candidates for the product alone; none where the operation has no product
};

struct measure_settings {
  int least_rounds = 20, most_rounds = 60;
  double case_seconds = 2.0;                     // rounds are added up to most_rounds while they fit
  double slot_seconds = 2e-3;                    // an arm's turn is that long at least: calls are repeated
  std::function<double()> now = steady_seconds;  // the clock, in seconds; tests have one of their own
};

struct outcome {
  comparison compared;
  summary fused, unfused, bare;  // seconds a call; bare.median is 0 where there is none
  std::string unfused_name, bare_name;
  int rounds = 0, calls = 0;  // calls a turn
  double worst_error = 0;     // over all arms and rounds, divided by its bound
  std::string wrong_arm;      // the first that was wrong, "" if none
};

// `progress` is told the round and how many there will be.
outcome measure(const contest& c, const measure_settings& settings, const std::function<void(int, int)>& progress);

}  // namespace gemmact_bench

// All cases, one after the other, as Google benchmarks with manual time.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/core/workload.hpp"
#include "bench/report/report.hpp"

namespace gemmact_bench {

struct runner_events {
  std::function<void(size_t place, const bench_case& c, int round, int rounds)> progress;
  std::function<void(const report_row& row)> done;
};

// After so many seconds no case is begun that, as long as those before on average, would end later. 0: none is left out.
struct time_budget {
  double seconds = 0;
  std::function<double()> now = steady_seconds;
};

using workload_maker = std::function<workload(const bench_case&)>;

struct run_result {
  std::vector<report_row> rows;
  std::map<std::string, int> left_out;   // by case_left_out or by the time: reason → how many
  std::vector<std::string> not_reached;  // names of the cases that the time did not suffice for
};

// A row a case, in the same order. What else `make` throws becomes the row's failure.
run_result run_cases(const std::vector<bench_case>& cases, const workload_maker& make, const measure_settings& settings,
                     const runner_events& events, const time_budget& budget = {});

}  // namespace gemmact_bench

// All cases, one after the other, as Google benchmarks with manual time.
#pragma once
#include <functional>
#include <vector>

#include "bench/core/workload.hpp"
#include "bench/report/report.hpp"

namespace gemmact_bench {

struct runner_events {
  std::function<void(size_t place, const bench_case& c, int round, int rounds)> progress;
  std::function<void(const report_row& row)> done;
};

using workload_maker = std::function<workload(const bench_case&)>;

// A row a case, in the same order. What `make` throws becomes the row's failure.
std::vector<report_row> run_cases(const std::vector<bench_case>& cases, const workload_maker& make,
                                  const measure_settings& settings, const runner_events& events);

}  // namespace gemmact_bench

#include "bench/core/runner.hpp"

#include <benchmark/benchmark.h>

namespace gemmact_bench {
namespace {

// The table is ours; Google Benchmark only drives.
class silent_reporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

void run_case(report_row& row, const workload_maker& make, const measure_settings& settings,
              const std::function<void(int, int)>& progress, bool first) {
  try {
    progress(0, 0);
    const workload w = make(row.what);
    row.kernel = w.kernel;
    row.family = w.family;
    row.cold = w.cold;
    row.chosen = w.chosen;
    row.first = w.first;
    if (first) settings.preheat(w.arms.fused);
    row.found = measure(w.arms, settings, progress);
  } catch (const case_left_out& e) {
    row.left_out = e.what();
  } catch (const std::exception& e) {
    row.failure = e.what();
  }
}

}  // namespace

run_result run_cases(const std::vector<bench_case>& cases, const workload_maker& make, const measure_settings& settings,
                     const runner_events& events, const time_budget& budget) {
  std::vector<report_row> rows(cases.size());
  run_result result;
  bool first = true;
  const double start = budget.now();
  // Cases take about as long as each other; the first one is always measured.
  const auto no_time_for = [&](size_t i) {
    const double used = budget.now() - start;
    return budget.seconds > 0 && i > 0 && (!result.not_reached.empty() || used + used / double(i) > budget.seconds);
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    rows[i].what = cases[i];
    const auto body = [&, i](benchmark::State& state) {
      for (auto _ : state) {
        if (no_time_for(i)) {
          rows[i].left_out = "the time was up (--seconds)";
          result.not_reached.push_back(cases[i].name());
          continue;
        }
        run_case(
            rows[i], make, settings, [&](int round, int rounds) { events.progress(i, rows[i].what, round, rounds); },
            first);
        first &= !rows[i].left_out.empty();
        state.SetIterationTime(rows[i].found.fused.median);
      }
      if (!rows[i].failure.empty()) state.SkipWithError(rows[i].failure.c_str());
      if (rows[i].left_out.empty()) events.done(rows[i]);
    };
    benchmark::RegisterBenchmark(cases[i].name().c_str(), body)->Iterations(1)->UseManualTime();
  }
  silent_reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  for (report_row& row : rows)
    if (row.left_out.empty()) result.rows.push_back(std::move(row));
    else ++result.left_out[row.left_out];
  return result;
}

}  // namespace gemmact_bench

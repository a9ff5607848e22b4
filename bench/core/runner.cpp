#include "bench/core/runner.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace gemmact_bench {
namespace {

constexpr double preheat_seconds = 1;

// The table is ours; Google Benchmark only drives.
class silent_reporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

// Until the processor's clock has settled.
void preheat(const arm& a) {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < std::chrono::duration<double>(preheat_seconds)) a.call();
}

void run_case(report_row& row, const workload_maker& make, const measure_settings& settings,
              const std::function<void(int, int)>& progress, bool first) {
  try {
    progress(0, 0);
    const workload w = make(row.what);
    row.kernel = w.kernel;
    if (first) preheat(w.arms.fused);
    row.found = measure(w.arms, settings, progress);
  } catch (const std::exception& e) {
    row.failure = e.what();
  }
}

}  // namespace

std::vector<report_row> run_cases(const std::vector<bench_case>& cases, const workload_maker& make,
                                  const measure_settings& settings, const runner_events& events) {
  std::vector<report_row> rows(cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    rows[i].what = cases[i];
    rows[i].cold = is_cold(cases[i]);
    const auto body = [&, i](benchmark::State& state) {
      for (auto _ : state) {
        run_case(
            rows[i], make, settings, [&](int round, int rounds) { events.progress(i, rows[i].what, round, rounds); },
            i == 0);
        state.SetIterationTime(rows[i].found.fused.median);
      }
      if (!rows[i].failure.empty()) state.SkipWithError(rows[i].failure.c_str());
      events.done(rows[i]);
    };
    benchmark::RegisterBenchmark(cases[i].name().c_str(), body)->Iterations(1)->UseManualTime();
  }
  silent_reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  return rows;
}

}  // namespace gemmact_bench

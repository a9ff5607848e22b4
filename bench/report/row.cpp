#include "bench/core/gpu_contest.hpp"
#include "bench/report/report.hpp"

namespace gemmact_bench {

double report_row::gflops() const { return found.fused.median > 0 ? what.flops() / found.fused.median * 1e-9 : 0; }

double report_row::bare_share() const { return found.fused.median > 0 ? found.bare.median / found.fused.median : 0; }

double report_row::clock_mhz() const {
  std::vector<double> clocks;
  for (const gauges& g : found.readings) clocks.push_back(g.clock_mhz);
  return clocks.empty() ? 0 : summarize(clocks).median;
}

double report_row::other_seconds(size_t column) const {
  return column < found.others.size() ? found.others[column].seconds.median : 0;
}

double report_row::by_hand_ratio() const {
  const auto& others = found.others;
  return column_by_hand < others.size() ? others[column_by_hand].ratio.median : 0;
}

least_time report_row::least(const gpu_facts& gpu) const {
  const double mhz = clock_mhz() > 0 ? clock_mhz() : gpu.clock_limit_mhz;
  const double flop_per_clock = peak_flop_per_clock(gpu.compute_capability, what.numbers()) * gpu.multiprocessors;
  return least_time_of(what, cold, {flop_per_clock * mhz * 1e6, gpu.roofs.bandwidth(), gpu.l2_bytes});
}

double report_row::loop_share(const gpu_facts& gpu) const {
  const double loop = gpu.roofs.loop_of(what.numbers()), seconds = other_seconds(column_plain);
  return loop > 0 && seconds > 0 ? what.flops() / seconds / loop : 0;
}

}  // namespace gemmact_bench

#include <fmt/format.h>

#include "bench/report/report.hpp"

namespace gemmact_bench {
namespace {

constexpr const char* columns = "{:<36.36} {:>15} {:>4} {:<16.16} {:>9} {:>8} {:>9} {:>13} {:>6} {:>6}  {}";

std::string function_column(const bench_case& c) {
  switch (c.operation) {
    case GEMMACT_ACTIVATION_GRAD:
      return "dZ, " + c.function;
    case GEMMACT_INPUT_GRAD:
      return "dX, " + c.function;
    case GEMMACT_WEIGHT_GRAD:
      return "dW, db";
    default:
      return c.function_text();
  }
}

}  // namespace

double report_row::gflops() const { return found.fused.median > 0 ? what.flops() / found.fused.median * 1e-9 : 0; }

double report_row::bare_share() const { return found.fused.median > 0 ? found.bare.median / found.fused.median : 0; }

std::string duration_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.4g} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.4g} ms", seconds * 1e3);
  return fmt::format("{:.4g} s", seconds);
}

std::string table_heading() {
  return fmt::format(columns, "shape", "m x n x k", "type", "function", "fused", "GFLOP/s", "/ unfused", "quartiles",
                     "/ bare", "noise", "verdict");
}

std::string table_line(const report_row& row) {
  const std::string sizes = fmt::format("{}x{}x{}", row.what.m, row.what.n, row.what.k);
  const std::string shape = short_name(row.what.shape_name), function = function_column(row.what);
  if (!row.failure.empty())
    return fmt::format(columns, shape, sizes, name_of(row.what.type), function, "-", "-", "-", "-", "-", "-",
                       std::string(name_of(row.result())) + ": " + row.failure);
  const comparison& c = row.found.compared;
  const bool product = row.what.flops() > 0;
  std::string last = fmt::format("{:<10}", name_of(row.result()));
  last += row.found.wrong_arm.empty()
              ? "  vs " + row.found.unfused_name
              : fmt::format("  {}: error is {:.3g} of its bound", row.found.wrong_arm, row.found.worst_error);
  return fmt::format(columns, shape, sizes, name_of(row.what.type), function, duration_text(row.found.fused.median),
                     product ? fmt::format("{:.1f}", row.gflops()) : "-", fmt::format("{:.3f}", c.ratio.median),
                     fmt::format("{:.3f}..{:.3f}", c.ratio.lower_quartile, c.ratio.upper_quartile),
                     product ? fmt::format("{:.2f}", row.bare_share()) : "-", fmt::format("{:.1f}%", 100 * c.noise),
                     last);
}

report_summary summary_of(const report& r) {
  report_summary s;
  std::vector<double> ratios, shares;
  for (const report_row& row : r.rows) {
    ++s.verdicts[name_of(row.result())];
    if (row.result() == verdict::failed || row.result() == verdict::wrong) {
      s.good = false;
      continue;
    }
    ratios.push_back(row.found.compared.ratio.median);
    if (row.what.flops() > 0) shares.push_back(row.bare_share());
  }
  s.geomean = geometric_mean(ratios);
  s.geomean_bare_share = geometric_mean(shares);
  return s;
}

std::string summary_text(const report& r) {
  const report_summary s = summary_of(r);
  std::string text = fmt::format(
      "{} cases on {} threads: fused is {:.3f} times as fast as unfused and {:.3f} times as fast as the bare product "
      "(geometric means).\n",
      r.rows.size(), r.setting.threads, s.geomean, s.geomean_bare_share);
  for (const auto& [name, count] : s.verdicts) text += fmt::format("  {:<10} {:>4}\n", name, count);
  for (const auto& [reason, count] : r.left_out) text += fmt::format("Left out: {} ({})\n", count, reason);
  if (!r.setting.openblas_missing.empty())
    text += fmt::format("Left out: the OpenBLAS baseline ({})\n", r.setting.openblas_missing);
  return text;
}

}  // namespace gemmact_bench

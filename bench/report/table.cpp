#include <fmt/format.h>

#include <algorithm>

#include "bench/core/workload.hpp"
#include "bench/report/goals.hpp"
#include "bench/report/report.hpp"

namespace gemmact_bench {
namespace {

// The columns to the left of those that a setting names, and those to the right.
constexpr const char* left_columns = "{:<36.36} {:>15} {:>4} {:<18.18} {:>9} {:>8} {:>9} {:>13}";
constexpr const char* right_columns = " {:>5} {:>6}  {}";
constexpr size_t least_width = 6;

// The cells of the product alone and of the other arms, as wide as their headings.
std::string named_columns(const report_setting& setting, const std::vector<std::string>& cells) {
  std::string text;
  for (size_t i = 0; i <= setting.other_columns.size(); ++i) {
    const std::string& heading = i == 0 ? setting.bare_column : setting.other_columns[i - 1];
    text += fmt::format(" {:>{}}", i < cells.size() ? cells[i] : "-", std::max(heading.size(), least_width));
  }
  return text;
}

std::string function_column(const bench_case& c) {
  switch (c.operation) {
    case GEMMACT_ACTIVATION_GRAD:
      return "dZ, " + c.function;
    case GEMMACT_INPUT_GRAD:
      return "dX, " + c.function;
    case GEMMACT_WEIGHT_GRAD:
      return "dW, db";
    default:
      return c.by_hand().function_text() + (c.equation.empty() ? "" : " typed") +
             (c.accuracy == GEMMACT_FAST ? " fast" : "");
  }
}

// "2/3": met, of those that apply and were measured.
std::string goals_column(const report_row& row, const report_setting& setting) {
  int met = 0, measured = 0;
  for (const goal_result& g : goals_of(row, setting)) {
    met += g.state == attained::met;
    measured += g.state != attained::not_measured;
  }
  return measured == 0 ? "-" : fmt::format("{}/{}", met, measured);
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.4g} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.4g} ms", seconds * 1e3);
  return fmt::format("{:.4g} s", seconds);
}

std::string table_heading(const report_setting& setting) {
  std::vector<std::string> headings = {setting.bare_column};
  headings.insert(headings.end(), setting.other_columns.begin(), setting.other_columns.end());
  return fmt::format(left_columns, "shape", "m x n x k", "type", "function", "fused", "GFLOP/s", "/ unfused",
                     "quartiles") +
         named_columns(setting, headings) + fmt::format(right_columns, "goals", "noise", "verdict");
}

std::string table_line(const report_row& row, const report_setting& setting) {
  const std::string sizes = fmt::format("{}x{}x{}", row.what.m, row.what.n, row.what.k);
  const std::string shape = short_name(row.what.shape_name), function = function_column(row.what);
  if (!row.failure.empty())
    return fmt::format(left_columns, shape, sizes, name_of(row.what.numbers()), function, "-", "-", "-", "-") +
           named_columns(setting, {}) +
           fmt::format(right_columns, "-", "-", std::string(name_of(row.result())) + ": " + row.failure);
  const comparison& c = row.found.compared;
  const bool product = row.what.flops() > 0;
  std::string last = fmt::format("{:<10}", name_of(row.result()));
  last += row.found.wrong_arm.empty()
              ? "  vs " + row.found.unfused_name
              : fmt::format("  {}: error is {:.3g} of its bound", row.found.wrong_arm, row.found.worst_error);
  if (throttled(row.found.readings)) last += ", throttled";
  std::vector<std::string> cells = {!product || row.found.bare.median == 0 ? "-"
                                    : setting.gpu                          ? fmt::format("{:.3f}", row.bare_share())
                                                                           : fmt::format("{:.2f}", row.bare_share())};
  for (const timed_arm& a : row.found.others)
    cells.push_back(a.missing.empty() ? fmt::format("{:.3f}", a.ratio.median) : "-");
  return fmt::format(left_columns, shape, sizes, name_of(row.what.numbers()), function,
                     duration_text(row.found.fused.median), product ? fmt::format("{:.1f}", row.gflops()) : "-",
                     fmt::format("{:.3f}", c.ratio.median),
                     fmt::format("{:.3f}..{:.3f}", c.ratio.lower_quartile, c.ratio.upper_quartile)) +
         named_columns(setting, cells) +
         fmt::format(right_columns, goals_column(row, setting), fmt::format("{:.1f}%", 100 * c.noise), last);
}

report_summary summary_of(const report& r) {
  report_summary s;
  std::vector<double> ratios, shares;
  std::vector<std::vector<double>> others(r.setting.other_columns.size());
  for (const report_row& row : r.rows) {
    ++s.verdicts[name_of(row.result())];
    if (row.result() == verdict::failed || row.result() == verdict::wrong) {
      s.good = false;
      continue;
    }
    ratios.push_back(row.found.compared.ratio.median);
    if (row.bare_share() > 0) shares.push_back(row.bare_share());
    for (size_t i = 0; i < std::min(others.size(), row.found.others.size()); ++i)
      if (row.found.others[i].missing.empty()) others[i].push_back(row.found.others[i].ratio.median);
  }
  s.geomean = geometric_mean(ratios);
  s.geomean_bare_share = geometric_mean(shares);
  for (const auto& values : others) s.geomean_others.push_back(geometric_mean(values));
  return s;
}

std::string summary_text(const report& r) {
  const report_summary s = summary_of(r);
  const std::string where = r.setting.gpu ? r.setting.gpu->name : fmt::format("{} threads", r.setting.threads);
  std::string text = fmt::format(
      "{} cases on {}: fused is {:.3f} times as fast as unfused and {:.3f} times as fast as the bare product "
      "(geometric means).\n",
      r.rows.size(), where, s.geomean, s.geomean_bare_share);
  for (size_t i = column_by_hand + 1; i < s.geomean_others.size(); ++i)
    text += fmt::format("{}: {:.3f}\n", r.setting.other_columns[i], s.geomean_others[i]);
  text += equation_summary(r);
  for (const auto& [name, count] : s.verdicts) text += fmt::format("  {:<10} {:>4}\n", name, count);
  for (const goal_total& g : goal_totals(r))
    if (g.met + g.missed > 0)
      text += fmt::format(
          "Goal {:<12} {}: {} ({}), met {}, missed {}, not measured {}; geometric mean {:.3f}, lowest {:.3f}\n",
          name_of(g.state), g.of->key, g.of->what, g.of->text, g.met, g.missed, g.not_measured, g.geomean, g.lowest);
  for (const auto& [reason, count] : r.left_out) text += fmt::format("Left out: {} ({})\n", count, reason);
  if (!r.setting.openblas_missing.empty())
    text += fmt::format("Left out: the OpenBLAS baseline ({})\n", r.setting.openblas_missing);
  return text;
}

}  // namespace gemmact_bench

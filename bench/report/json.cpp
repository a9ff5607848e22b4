#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/core/machine.hpp"
#include "bench/report/report.hpp"
#include "gemmact/gemmact.h"

namespace gemmact_bench {
namespace {

using nlohmann::json;

json spread(const summary& s) {
  return {{"median", s.median},
          {"lower_quartile", s.lower_quartile},
          {"upper_quartile", s.upper_quartile},
          {"low", s.low},
          {"high", s.high}};
}

json row_json(const report_row& row) {
  const bench_case& c = row.what;
  json j = {{"name", c.name()},
            {"verdict", name_of(row.result())},
            {"shape", short_name(c.shape_name)},
            {"list", c.list},
            {"m", c.m},
            {"n", c.n},
            {"k", c.k},
            {"type", name_of(c.type)},
            {"function", c.function_text()},
            {"combine", name_of(c.combine)},
            {"operation", name_of(c.operation)},
            {"cold", row.cold},
            {"failure", row.failure}};
  if (!row.failure.empty()) return j;
  const outcome& o = row.found;
  j["kernel"] = row.kernel;
  j["rounds"] = o.rounds;
  j["calls_per_round"] = o.calls;
  j["fused_seconds"] = spread(o.fused);
  j["unfused_seconds"] = spread(o.unfused);
  j["unfused_by"] = o.unfused_name;
  const bool product = c.flops() > 0;
  j["bare_seconds"] = product ? spread(o.bare) : json();
  j["bare_by"] = product ? json(o.bare_name) : json();
  j["gflops"] = product ? json(row.gflops()) : json();
  j["ratio"] = spread(o.compared.ratio);
  j["bare_share"] = product ? json(row.bare_share()) : json();
  j["control"] = spread(o.compared.control);
  j["noise"] = o.compared.noise;
  j["check"] = {{"ok", o.wrong_arm.empty()},
                {"worst_error_over_bound", std::isfinite(o.worst_error) ? json(o.worst_error) : json()},
                {"wrong_arm", o.wrong_arm}};
  return j;
}

// The commit, if this is a git checkout and git is there.
std::string commit() {
  std::string text;
  if (FILE* git = popen("git -C \"" GEMMACT_BENCH_SOURCE "\" describe --always --dirty --abbrev=12 2>/dev/null", "r")) {
    char part[64];
    while (std::fgets(part, sizeof part, git) != nullptr) text += part;
    pclose(git);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "unknown" : text;
}

std::string library_version() {
  const uint32_t v = gemmact_version();
  return fmt::format("{}.{}.{}", v / 10000, v / 100 % 100, v % 100);
}

}  // namespace

json to_json(const report& r) {
  const report_setting& s = r.setting;
  const machine m = this_machine();
  const report_summary sum = summary_of(r);
  json rows = json::array(), left_out = json::array();
  for (const auto& row : r.rows) rows.push_back(row_json(row));
  for (const auto& [reason, count] : r.left_out) left_out.push_back({{"reason", reason}, {"count", count}});
  return {{"schema", 1},
          {"date", m.date},
          {"version", library_version()},
          {"commit", commit()},
          {"device", s.device},
          {"device_description", s.description},
          {"processor", m.processor},
          {"system", m.system},
          {"last_level_cache_bytes", m.last_level_cache_bytes},
          {"instruction_set", s.instruction_set},
          {"threads", s.threads},
          {"compiler", compiler_text()},
          {"baseline_flags", baseline_flags_text()},
          {"baselines", s.baselines},
          {"openblas_missing", s.openblas_missing},
          {"mode", s.mode},
          {"filter", s.filter},
          {"least_rounds", s.settings.least_rounds},
          {"cold_bytes", s.cold_bytes},
          {"load_before", s.load},
          {"verdict_rule", verdict_rule()},
          {"left_out", left_out},
          {"summary",
           {{"cases", r.rows.size()},
            {"geomean_ratio", sum.geomean},
            {"geomean_bare_share", sum.geomean_bare_share},
            {"verdicts", sum.verdicts},
            {"good", sum.good}}},
          {"rows", rows}};
}

}  // namespace gemmact_bench

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/core/machine.hpp"
#include "bench/report/goals.hpp"
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

// The rounds' clocks, power and heat; the reasons of every round together.
json state_json(const std::vector<gauges>& readings) {
  std::vector<double> clocks, watts, degrees;
  uint64_t reasons = 0;
  for (const gauges& g : readings) {
    clocks.push_back(g.clock_mhz);
    watts.push_back(g.power_watts);
    degrees.push_back(g.temperature_c);
    reasons |= g.throttle_reasons;
  }
  return {{"clock_mhz", spread(summarize(clocks))},
          {"power_watts", spread(summarize(watts))},
          {"temperature_c", spread(summarize(degrees))},
          {"throttle_reasons", throttle_names(reasons)},
          {"throttled", throttled(readings)}};
}

// A number that was measured, or null.
json measured(double value) { return value > 0 ? json(value) : json(); }

json roof_json(const report_row& row, const gpu_facts& gpu) {
  const least_time least = row.least(gpu);
  const auto share = [&](double seconds) { return seconds > 0 ? measured(least.seconds / seconds) : json(); };
  return {{"least_seconds", measured(least.seconds)},
          {"limit", least.seconds > 0 ? json(least.memory ? "memory" : "arithmetic") : json()},
          {"share", share(row.found.fused.median)},
          {"bare_share", share(row.found.bare.median)},
          {"loop_share", measured(row.loop_share(gpu))}};
}

json goals_json(const report_row& row, const report_setting& setting) {
  json all = json::array();
  for (const goal_result& g : goals_of(row, setting))
    all.push_back({{"goal", g.of->key},
                   {"value", g.value ? json(*g.value) : json()},
                   {"least", g.least},
                   {"stretch", g.stretch},
                   {"state", name_of(g.state)}});
  return all;
}

json totals_json(const report& r) {
  json all = json::array();
  for (const goal_total& t : goal_totals(r))
    all.push_back({{"goal", t.of->key},
                   {"what", t.of->what},
                   {"text", t.of->text},
                   {"met", t.met},
                   {"missed", t.missed},
                   {"not_measured", t.not_measured},
                   {"geomean", measured(t.geomean)},
                   {"lowest", measured(t.lowest)},
                   {"state", name_of(t.state)}});
  return all;
}

json others_json(const outcome& o) {
  json others = json::array();
  for (const timed_arm& a : o.others) {
    const bool ran = a.missing.empty();
    others.push_back({{"by", a.name},
                      {"seconds", ran ? spread(a.seconds) : json()},
                      {"ratio", ran ? spread(a.ratio) : json()},
                      {"missing", a.missing}});
  }
  return others;
}

json first_run_json(const first_run& r) {
  return r.compiled > 0 ? json({{"compiled_seconds", r.compiled}, {"disk_seconds", r.from_disk}}) : json();
}

// What only rows of a GPU have.
void add_gpu_fields(json& j, const report_row& row, const gpu_facts& gpu) {
  const outcome& o = row.found;
  j["first_run"] = first_run_json(row.first);
  j["family"] = row.family;
  j["roof"] = roof_json(row, gpu);
  j["heuristics"] = {{"timed", row.chosen.timed}, {"refused", row.chosen.refused}, {"wrong", row.chosen.wrong}};
  j["state"] = o.readings.empty() ? json() : state_json(o.readings);
}

json gpu_json(const report_setting& s) {
  const gpu_facts& g = *s.gpu;
  return {{"name", g.name},
          {"compute_capability", g.compute_capability},
          {"multiprocessors", g.multiprocessors},
          {"memory_bytes", g.memory_bytes},
          {"l2_bytes", g.l2_bytes},
          {"l2_policy", g.l2_policy},
          {"driver", g.driver},
          {"runtime", g.runtime},
          {"toolkit", g.toolkit},
          {"cublas", g.cublas},
          {"clock_limit_mhz", g.clock_limit_mhz},
          {"power_limit_watts", g.power_limit_watts},
          {"nvml_missing", g.nvml_missing},
          {"heuristics_asked", g.heuristics_asked},
          {"workspace_bytes", g.workspace_bytes},
          {"preheat_seconds", g.preheat_seconds},
          {"roofs",
           {{"read_bytes_per_second", measured(g.roofs.read_bytes_per_second)},
            {"copy_bytes_per_second", measured(g.roofs.copy_bytes_per_second)},
            {"loop_flops", g.roofs.loop_flops},
            {"loop_missing", g.roofs.loop_missing}}}};
}

json row_json(const report_row& row, const report_setting& setting) {
  const bench_case& c = row.what;
  json j = {{"name", c.name()},
            {"verdict", name_of(row.result())},
            {"shape", short_name(c.shape_name)},
            {"list", c.list},
            {"m", c.m},
            {"n", c.n},
            {"k", c.k},
            {"type", name_of(c.numbers())},
            {"output_type", name_of(c.output_type())},
            {"accuracy", name_of(c.accuracy)},
            {"function", c.function_text()},
            {"equation", c.equation},
            {"combine", name_of(c.combine)},
            {"pieces", c.pieces()},
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
  const bool bare = product && o.bare.median > 0;
  j["bare_seconds"] = bare ? spread(o.bare) : json();
  j["bare_by"] = bare ? json(o.bare_name) : json();
  j["bare_missing"] = o.bare_missing;
  j["gflops"] = product ? json(row.gflops()) : json();
  j["ratio"] = spread(o.compared.ratio);
  j["bare_share"] = bare ? json(row.bare_share()) : json();
  j["control"] = spread(o.compared.control);
  j["noise"] = o.compared.noise;
  j["check"] = {{"ok", o.wrong_arm.empty()},
                {"worst_error_over_bound", std::isfinite(o.worst_error) ? json(o.worst_error) : json()},
                {"wrong_arm", o.wrong_arm}};
  j["goals"] = goals_json(row, setting);
  j["others"] = others_json(o);
  if (setting.gpu) add_gpu_fields(j, row, *setting.gpu);
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
  for (const auto& row : r.rows) rows.push_back(row_json(row, s));
  std::vector<std::string> columns = {s.bare_column};
  columns.insert(columns.end(), s.other_columns.begin(), s.other_columns.end());
  for (const auto& [reason, count] : r.left_out) left_out.push_back({{"reason", reason}, {"count", count}});
  json j = {{"schema", 3},
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
            {"budget_seconds", s.budget_seconds},
            {"not_reached", r.not_reached},
            {"columns", columns},
            {"goals", totals_json(r)},
            {"summary",
             {{"cases", r.rows.size()},
              {"geomean_ratio", sum.geomean},
              {"geomean_bare_share", sum.geomean_bare_share},
              {"geomean_others", sum.geomean_others},
              {"verdicts", sum.verdicts},
              {"good", sum.good}}},
            {"rows", rows}};
  if (s.gpu) j["gpu"] = gpu_json(s);
  return j;
}

}  // namespace gemmact_bench

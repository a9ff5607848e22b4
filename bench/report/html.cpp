#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/report/pictures.hpp"
#include "bench/report/report.hpp"
#include "bench/report/svg.hpp"

namespace gemmact_bench {
namespace {

using nlohmann::json;

constexpr const char* style = R"(
:root { color-scheme: light dark; --ground: #ffffff; --text: #1c2024; --soft: #5d666f; --line: #dde1e5; --wash: #f4f6f8;
  --one: #2a6fdb; --two: #d9730d; --three: #7a4fc9; --four: #b03a78; --good: #1a7f4b; --bad: #c62f2f; --unsure: #8a6d00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181c; --text: #e6e9ec; --soft: #9aa4ae; --line: #30363d; --wash: #1d2127;
    --one: #6ea8ff; --two: #f5a04c; --three: #b79cf2; --four: #f08cc0; --good: #55c58b; --bad: #ff7b72; --unsure: #d7b740; } }
body { margin: 2rem auto; max-width: 82rem; padding: 0 1.2rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { max-width: 48rem; } .soft, figcaption { color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.2rem 0; }
.figure { background: var(--wash); border-radius: 8px; padding: .7rem 1.1rem; }
.figure b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(36rem, 100%), 1fr)); gap: 0 2rem; }
figure { margin: 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); } svg text.label { fill: var(--text); }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); } .one { stroke: var(--text); stroke-dasharray: 5 4; }
.bar { stroke: var(--soft); stroke-width: 1.5; opacity: .7; } .wedge { fill: var(--line); opacity: .55; }
.s0 { fill: var(--one); } .s1 { fill: var(--two); } .s2 { fill: var(--three); } .s3 { fill: var(--four); }
.s4, .s5 { fill: var(--ground); stroke-width: 1.6; } .s4 { stroke: var(--one); } .s5 { stroke: var(--two); }
.joint { fill: none; stroke-width: 1.2; opacity: .6; } .j0, .j4 { stroke: var(--one); } .j1, .j5 { stroke: var(--two); }
.j2 { stroke: var(--three); } .j3 { stroke: var(--four); } .j4, .j5 { stroke-dasharray: 4 3; }
.hollow { fill: var(--ground); stroke: var(--soft); stroke-width: 1.5; }
circle.faster { fill: var(--good); } circle.slower { fill: var(--bad); } circle.same { fill: var(--one); }
circle.cant { fill: var(--unsure); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } .l { text-align: left; } .w, .rows th { white-space: normal; }
.rows th { vertical-align: bottom; } .rows th, .rows td { padding: .2rem .45rem; }
td.faster { color: var(--good); } td.slower, td.bad { color: var(--bad); font-weight: 600; }
td.cant { color: var(--unsure); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: var(--soft); } dd { margin: 0; }
)";

std::string number(const json& v, const char* format) {
  return v.is_null() ? "–" : fmt::format(fmt::runtime(format), v.get<double>());
}

// "2/3": met, of those that were measured; what was missed is said when it is pointed at.
std::string goals_cell(const json& row) {
  int met = 0, measured = 0;
  std::string missed;
  for (const json& g : row["goals"]) {
    if (g["value"].is_null()) continue;
    ++measured;
    met += g["state"] == "met";
    if (g["state"] == "missed")
      missed += fmt::format("{}{} {:.3f}, needs {:.3f}", missed.empty() ? "missed: " : "; ",
                            g["goal"].get<std::string>(), g["value"].get<double>(), g["least"].get<double>());
  }
  if (measured == 0) return "<td>–</td>";
  return fmt::format("<td class='{}' title='{}'>{}/{}</td>", missed.empty() ? "faster" : "slower", escaped(missed), met,
                     measured);
}

std::string goal_table(const json& j) {
  if (j["goals"].empty()) return "";
  std::string out =
      "<h2>Goals</h2>\n<div class='scroll'><table>\n<tr><th class='l'>goal</th><th class='l'>what</th>"
      "<th class='l'>needs</th><th>met</th><th>missed</th><th class='w'>not measured</th><th class='w'>geometric "
      "mean</th><th>lowest</th>"
      "<th class='l'></th></tr>\n";
  for (const json& g : j["goals"]) {
    const std::string state = g["state"];
    out += fmt::format(
        "<tr><td class='l'>{}</td><td class='l w'>{}</td><td class='l w'>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td><td class='l {}'>{}</td></tr>\n",
        g["goal"].get<std::string>(), escaped(g["what"]), escaped(g["text"]), g["met"].get<int>(),
        g["missed"].get<int>(), g["not_measured"].get<int>(), number(g["geomean"], "{:.3f}"),
        number(g["lowest"], "{:.3f}"),
        state == "met"      ? "faster"
        : state == "missed" ? "slower"
                            : "soft",
        state);
  }
  return out + "</table></div>\n";
}

// Headings of the arms beside unfused: the product alone first. "/ bare" in tables for people without typography.
std::vector<std::string> named_columns(const json& j) {
  std::vector<std::string> names = j["columns"];
  for (std::string& name : names) name.replace(0, 1, "÷");
  return names;
}

std::string other_cell(const json& other) {
  if (other["ratio"].is_null()) return fmt::format("<td title='{}'>–</td>", escaped(other["missing"]));
  return fmt::format("<td title='{}'>{}</td>", escaped(other["by"]), number(other["ratio"]["median"], "{:.3f}"));
}

std::string table(const json& j) {
  const std::vector<std::string> names = named_columns(j);
  const bool gpu = j.contains("gpu");
  std::string out =
      "<h2>All rows</h2>\n<div class='scroll'><table class='rows'>\n<tr><th class='l'>shape</th><th>m × n × k</th>"
      "<th>type</th><th class='l'>function</th><th class='l'>verdict</th><th>goals</th><th>fused</th><th>GFLOP/s</th>"
      "<th>÷ unfused</th><th>quartiles</th>";
  for (const std::string& name : names) out += fmt::format("<th>{}</th>", escaped(name));
  if (gpu) out += "<th>of the roof</th>";
  out += "<th>noise</th><th class='l'>unfused by</th></tr>\n";
  for (const json& row : j["rows"]) {
    const std::string verdict = row["verdict"];
    out += fmt::format("<tr><td class='l'>{}</td><td>{}</td><td>{}</td><td class='l'>{}</td>", escaped(row["shape"]),
                       sizes_of(row), row["type"].get<std::string>(), escaped(what_of(row)));
    if (verdict == "FAILED") {
      out += fmt::format("<td class='l bad' colspan='{}'>FAILED: {}</td></tr>\n", names.size() + (gpu ? 9 : 8),
                         escaped(row["failure"]));
      continue;
    }
    const json& r = row["ratio"];
    out += fmt::format("<td class='l {}'>{}</td>{}", kind_of(verdict), escaped(verdict), goals_cell(row));
    out += fmt::format("<td>{}</td><td>{}</td><td>{}</td><td>{}–{}</td><td>{}</td>",
                       duration_text(row["fused_seconds"]["median"]), number(row["gflops"], gpu ? "{:.0f}" : "{:.1f}"),
                       number(r["median"], "{:.3f}"), number(r["lower_quartile"], "{:.3f}"),
                       number(r["upper_quartile"], "{:.3f}"), number(row["bare_share"], gpu ? "{:.3f}" : "{:.2f}"));
    for (size_t i = 0; i + 1 < names.size(); ++i) out += other_cell(row["others"][i]);
    if (gpu) out += fmt::format("<td>{}</td>", number(row["roof"]["share"], "{:.3f}"));
    out += fmt::format("<td>{:.1f} %</td><td class='l'>{}</td></tr>\n", 100 * row["noise"].get<double>(),
                       escaped(row["unfused_by"]));
  }
  return out + "</table></div>\n";
}

// A term of the list of circumstances.
std::string term(const char* name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escaped(value));
}

std::string roof_terms(const json& roofs) {
  std::string loops;
  for (const auto& [type, flops] : roofs["loop_flops"].items())
    loops += fmt::format("{}{} {:.1f} TFLOP/s", loops.empty() ? "" : ", ", type, 1e-12 * flops.get<double>());
  for (const auto& [type, why] : roofs["loop_missing"].items())
    loops += fmt::format("{}{}: {}", loops.empty() ? "" : ", ", type, why.get<std::string>());
  std::string bandwidth;
  if (!roofs["read_bytes_per_second"].is_null())
    bandwidth = fmt::format("{:.0f} GB/s read, {:.0f} GB/s copied (both ways counted)",
                            1e-9 * roofs["read_bytes_per_second"].get<double>(),
                            1e-9 * roofs["copy_bytes_per_second"].get<double>());
  return term("loops in registers", loops) + term("memory", bandwidth);
}

std::string gpu_circumstances(const json& g) {
  return term("GPU", fmt::format("{}, compute capability {}, {} multiprocessors, L2 {} MiB",
                                 g["name"].get<std::string>(), g["compute_capability"].get<std::string>(),
                                 g["multiprocessors"].get<int>(), g["l2_bytes"].get<int64_t>() >> 20)) +
         term("software", fmt::format("driver {}, CUDA runtime {}, toolkit {}, cuBLASLt {}",
                                      g["driver"].get<std::string>(), g["runtime"].get<std::string>(),
                                      g["toolkit"].get<std::string>(), g["cublas"].get<std::string>())) +
         term("limits", fmt::format("{:.0f} MHz, {:.0f} W (0: not known)", g["clock_limit_mhz"].get<double>(),
                                    g["power_limit_watts"].get<double>())) +
         term("no NVML", g["nvml_missing"].get<std::string>()) + term("L2", g["l2_policy"].get<std::string>()) +
         term("cuBLASLt", fmt::format("the fastest of up to {} heuristics, {} MiB of workspace",
                                      g["heuristics_asked"].get<int>(), g["workspace_bytes"].get<int64_t>() >> 20)) +
         term("preheat", fmt::format("{:.0f} s", g["preheat_seconds"].get<double>())) + roof_terms(g["roofs"]);
}

std::string circumstances(const json& j) {
  std::string out = "<h2>How it was measured</h2>\n<dl>\n";
  const auto add = [&](const char* name, const std::string& value) { out += term(name, value); };
  add("date", j["date"]);
  add("gemmact", fmt::format("{}, commit {}", j["version"].get<std::string>(), j["commit"].get<std::string>()));
  add("device", fmt::format("{} ({})", j["device"].get<std::string>(), j["device_description"].get<std::string>()));
  if (j.contains("gpu")) out += gpu_circumstances(j["gpu"]);
  add("processor", fmt::format("{}; last-level cache {} MiB", j["processor"].get<std::string>(),
                               j["last_level_cache_bytes"].get<int64_t>() >> 20));
  add("system", j["system"]);
  if (!j.contains("gpu")) add("threads", fmt::format("{}, the same for every arm", j["threads"].get<int>()));
  add("load before", fmt::format("{:.2f} processes, this one not among them", j["load_before"].get<double>()));
  add("compiler", j["compiler"]);
  if (!j.contains("gpu")) add("baseline", fmt::format("built with {}", j["baseline_flags"].get<std::string>()));
  for (const json& b : j["baselines"]) add("product", b.get<std::string>());
  add("no OpenBLAS", j["openblas_missing"]);
  const int64_t cold_mib = j["cold_bytes"].get<int64_t>() >> 20;
  add("inputs", "N(0, 1), weights divided by 32" +
                    (j.contains("gpu") ? ""
                                       : fmt::format("; with up to 16 rows the weights are others at each call, and {} "
                                                     "MiB are read before they come again",
                                                     cold_mib)));
  add("rounds", fmt::format("at least {} a case", j["least_rounds"].get<int>()));
  add("verdicts", j["verdict_rule"]);
  if (j["budget_seconds"].get<double>() > 0)
    add("time for all cases", fmt::format("{:.0f} s", j["budget_seconds"].get<double>()));
  for (const json& name : j["not_reached"]) add("no time for", name.get<std::string>());
  for (const json& l : j["left_out"])
    add("left out", fmt::format("{}: {}", l["count"].get<int>(), l["reason"].get<std::string>()));
  return out + "</dl>\n";
}

std::string card(const std::string& value, const std::string& name) {
  return fmt::format("<div class='figure'><b>{}</b>{}</div>\n", value, escaped(name));
}

}  // namespace

std::string to_html(const json& j) {
  const json& s = j["summary"];
  const std::string where =
      j.contains("gpu") ? j["gpu"]["name"].get<std::string>()
                        : fmt::format("{}, {} threads", j["processor"].get<std::string>(), j["threads"].get<int>());
  std::string out =
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>\n"
      "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
      "<title>gemmact: benchmark</title>\n<style>";
  out += style;
  out += fmt::format(
      "</style></head>\n<body>\n<h1>A neuron layer as one kernel: fused against unfused</h1>\n"
      "<p class='soft'>{}, {}</p>\n<div class='figures'>\n",
      escaped(where), escaped(j["date"]));
  out += card(fmt::format("{:.2f}×", s["geomean_ratio"].get<double>()), "as fast as product and pass (geometric mean)");
  out += card(fmt::format("{:.2f}×", s["geomean_bare_share"].get<double>()), "as fast as the bare product");
  for (const auto& [name, count] : s["verdicts"].items()) out += card(fmt::format("{}", count.get<int>()), name);
  out += fmt::format(
      "</div>\n<p>Fused: product, bias and function in one {} of this library. Unfused: {}. Every timed result was "
      "checked "
      "in double precision.</p>\n",
      j.contains("gpu") ? "kernel" : "pass",
      j.contains("gpu") ? "cuBLASLt's best product, then one kernel for bias and function"
                        : "the better of the libraries' products, then a separate vectorised pass");
  return out + goal_table(j) + equation_section(j) + pictures(j) + table(j) + circumstances(j) + "</body></html>\n";
}

}  // namespace gemmact_bench

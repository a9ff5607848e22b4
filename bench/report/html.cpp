#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/report/report.hpp"
#include "bench/report/svg.hpp"

namespace gemmact_bench {
namespace {

using nlohmann::json;

constexpr const char* style = R"(
:root { color-scheme: light dark; --ground: #ffffff; --text: #1c2024; --soft: #5d666f; --line: #dde1e5; --wash: #f4f6f8;
  --one: #2a6fdb; --two: #d9730d; --three: #7a4fc9; --good: #1a7f4b; --bad: #c62f2f; --unsure: #8a6d00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181c; --text: #e6e9ec; --soft: #9aa4ae; --line: #30363d; --wash: #1d2127;
    --one: #6ea8ff; --two: #f5a04c; --three: #b79cf2; --good: #55c58b; --bad: #ff7b72; --unsure: #d7b740; } }
body { margin: 2rem auto; max-width: 82rem; padding: 0 1.2rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { max-width: 48rem; } .soft, figcaption { color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.2rem 0; }
.figure { background: var(--wash); border-radius: 8px; padding: .7rem 1.1rem; }
.figure b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
figure { margin: 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); } svg text.label { fill: var(--text); }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); } .one { stroke: var(--text); stroke-dasharray: 5 4; }
.bar { stroke: var(--soft); stroke-width: 1.5; opacity: .7; } .wedge { fill: var(--line); opacity: .55; }
.s0 { fill: var(--one); } .s1 { fill: var(--two); } .s2 { fill: var(--three); }
.hollow { fill: var(--ground); stroke: var(--soft); stroke-width: 1.5; }
circle.faster { fill: var(--good); } circle.slower { fill: var(--bad); } circle.same { fill: var(--one); }
circle.cant { fill: var(--unsure); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } .l { text-align: left; }
td.faster { color: var(--good); } td.slower, td.bad { color: var(--bad); font-weight: 600; }
td.cant { color: var(--unsure); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: var(--soft); } dd { margin: 0; }
)";

std::string kind_of(const std::string& verdict) {
  if (verdict == "FASTER") return "faster";
  if (verdict == "SLOWER") return "slower";
  if (verdict == "SAME") return "same";
  return verdict == "CAN'T TELL" ? "cant" : "bad";
}

bool usable(const json& row) { return row["verdict"] != "FAILED" && row["verdict"] != "WRONG"; }

std::string sizes(const json& row) {
  return fmt::format("{} × {} × {}", row["m"].get<int64_t>(), row["n"].get<int64_t>(), row["k"].get<int64_t>());
}

std::string what(const json& row) {
  const std::string operation = row["operation"], function = row["function"];
  return operation == "forward" ? function : operation + (function == "-" ? "" : " " + function);
}

std::string tip_of(const json& row) {
  return fmt::format("{} {} {} ({}): {} ÷ unfused {:.3f} [{:.3f}, {:.3f}], noise {:.1f} %",
                     row["verdict"].get<std::string>(), what(row), row["shape"].get<std::string>(), sizes(row),
                     row["type"].get<std::string>(), row["ratio"]["median"].get<double>(),
                     row["ratio"]["low"].get<double>(), row["ratio"]["high"].get<double>(),
                     100 * row["noise"].get<double>());
}

mark mark_of(const json& row, double x, double y) {
  const std::string type = row["type"];
  return {.x = x, .y = y, .series = type == "f32" ? 0 : type == "bf16" ? 1 : 2, .tip = tip_of(row)};
}

std::string figure(const std::string& heading, const std::string& svg, const std::string& caption) {
  if (svg.empty()) return "";
  return fmt::format("<h2>{}</h2>\n<figure>\n{}<figcaption>{}</figcaption></figure>\n", heading, svg, caption);
}

std::string pictures(const json& rows) {
  chart by_k{.title = "fused against unfused by k",
             .x_label = "k, the depth of the product",
             .y_label = "unfused time ÷ fused time",
             .series = {"f32", "bf16", "f16"},
             .marks = {}};
  chart share = by_k, noise = by_k;
  share.title = "share of the bare product's speed by k";
  share.y_label = "bare product's time ÷ fused time";
  noise.title = "noise";
  noise.x_label = "noise: how far the same arm strays from itself";
  noise.x_percent = noise.noise_wedge = true;
  std::vector<lane_row> all;
  for (const json& row : rows) {
    if (!usable(row)) continue;
    const json& r = row["ratio"];
    const double ratio = r["median"], k = row["k"].get<double>();
    const double bare = row["bare_share"].is_null() ? 0 : row["bare_share"].get<double>();
    // Cases of one k would hide each other: they are spread by up to 4 %.
    const double near_k = k * (1 + 0.01 * (double(all.size() % 9) - 4));
    by_k.marks.push_back(mark_of(row, near_k, ratio));
    by_k.marks.back().low = r["lower_quartile"];
    by_k.marks.back().high = r["upper_quartile"];
    if (bare > 0) share.marks.push_back(mark_of(row, near_k, bare));
    noise.marks.push_back(mark_of(row, std::max(1e-3, row["noise"].get<double>()), ratio));
    all.push_back({fmt::format("{}, {}, {}", what(row), row["shape"].get<std::string>().substr(0, 34),
                               row["type"].get<std::string>()),
                   tip_of(row), ratio, r["low"], r["high"], bare, kind_of(row["verdict"])});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.ratio > b.ratio; });
  return figure("Fused against unfused, by k", scatter(by_k),
                "Above the dashed line the fused layer is faster. Bars are quartiles of the rounds. The shallower the "
                "product, the larger the part of the separate pass.") +
         figure(
             "Share of the bare product's speed", scatter(share),
             "The best library's product alone, with no bias and no function. On the line the epilogue costs nothing; "
             "above it our product is the faster one as well.") +
         figure("Every case", lanes("every case", all),
                "Filled: against product and pass, with the 95 % interval of the median. Hollow: against the product "
                "alone.") +
         figure(
             "Noise", scatter(noise),
             "The fused arm is timed twice in each round. A case in the shaded part differs by less than the same arm "
             "from itself.");
}

std::string number(const json& v, const char* format) {
  return v.is_null() ? "–" : fmt::format(fmt::runtime(format), v.get<double>());
}

// Headings of the arms beside unfused: the product alone first. "/ bare" in tables for people without typography.
std::vector<std::string> named_columns(const json& j) {
  if (!j.contains("gpu")) return {"÷ bare"};
  std::vector<std::string> names = j["gpu"]["columns"];
  for (std::string& name : names) name.replace(0, 1, "÷");
  return names;
}

std::string table(const json& j) {
  const std::vector<std::string> names = named_columns(j);
  std::string out =
      "<h2>All rows</h2>\n<div class='scroll'><table>\n<tr><th class='l'>shape</th><th>m × n × k</th><th>type</th>"
      "<th class='l'>function</th><th>fused</th><th>GFLOP/s</th><th>÷ unfused</th><th>quartiles</th>";
  for (const std::string& name : names) out += fmt::format("<th>{}</th>", escaped(name));
  out += "<th>noise</th><th class='l'>verdict</th><th class='l'>unfused by</th></tr>\n";
  for (const json& row : j["rows"]) {
    const std::string verdict = row["verdict"];
    out += fmt::format("<tr><td class='l'>{}</td><td>{}</td><td>{}</td><td class='l'>{}</td>", escaped(row["shape"]),
                       sizes(row), row["type"].get<std::string>(), escaped(what(row)));
    if (verdict == "FAILED") {
      out += fmt::format("<td class='l bad' colspan='{}'>FAILED: {}</td></tr>\n", names.size() + 7,
                         escaped(row["failure"]));
      continue;
    }
    const json& r = row["ratio"];
    out += fmt::format(
        "<td>{}</td><td>{}</td><td>{}</td><td>{}–{}</td><td>{}</td>", duration_text(row["fused_seconds"]["median"]),
        number(row["gflops"], "{:.1f}"), number(r["median"], "{:.3f}"), number(r["lower_quartile"], "{:.3f}"),
        number(r["upper_quartile"], "{:.3f}"), number(row["bare_share"], names.size() > 1 ? "{:.3f}" : "{:.2f}"));
    for (size_t i = 0; i + 1 < names.size(); ++i)
      out += fmt::format("<td>{}</td>", number(row["others"][i]["ratio"]["median"], "{:.3f}"));
    out += fmt::format("<td>{:.1f} %</td>", 100 * row["noise"].get<double>());
    out += fmt::format("<td class='l {}'>{}</td><td class='l'>{}</td></tr>\n", kind_of(verdict), escaped(verdict),
                       escaped(row["unfused_by"]));
  }
  return out + "</table></div>\n";
}

// A term of the list of circumstances.
std::string term(const char* name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escaped(value));
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
         term("preheat", fmt::format("{:.0f} s", g["preheat_seconds"].get<double>()));
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
  add("inputs",
      "N(0, 1), weights divided by 32" +
          (j.contains("gpu")
               ? ""
               : fmt::format("; with up to 16 rows the weights are others at each call, cut from {} MiB", cold_mib)));
  add("rounds", fmt::format("at least {} a case", j["least_rounds"].get<int>()));
  add("verdicts", j["verdict_rule"]);
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
  out +=
      "</div>\n<p>Fused: product, bias and function in one pass of this library. Unfused: the better of the libraries' "
      "products, then a separate vectorised pass. Every timed result was checked in double precision.</p>\n";
  return out + pictures(j["rows"]) + table(j) + circumstances(j) + "</body></html>\n";
}

}  // namespace gemmact_bench

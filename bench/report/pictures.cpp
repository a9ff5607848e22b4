#include "bench/report/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/core/gpu_contest.hpp"
#include "bench/core/statistics.hpp"
#include "bench/report/svg.hpp"

namespace gemmact_bench {
namespace {

using nlohmann::json;

constexpr const char* type_names[] = {"f32", "bf16", "f16", "tf32", "e4m3"};

std::string text(const json& v) { return v.get<std::string>(); }
double number_or_0(const json& v) { return v.is_null() ? 0 : v.get<double>(); }
double median_or_0(const json& spread) { return spread.is_null() ? 0 : spread["median"].get<double>(); }

std::string tip_of(const json& row) {
  return fmt::format("{} {} {} ({}): {} ÷ unfused {:.3f} [{:.3f}, {:.3f}], noise {:.1f} %", text(row["verdict"]),
                     what_of(row), text(row["shape"]), sizes_of(row), text(row["type"]),
                     row["ratio"]["median"].get<double>(), row["ratio"]["low"].get<double>(),
                     row["ratio"]["high"].get<double>(), 100 * row["noise"].get<double>());
}

int series_of(const json& row) {
  const auto at = std::find(std::begin(type_names), std::end(type_names), text(row["type"]));
  return int(at - std::begin(type_names));
}

mark mark_of(const json& row, double x, double y) {
  return {.x = x, .y = y, .series = series_of(row), .tip = tip_of(row)};
}

// Cases of one k would hide each other: they are spread by up to 4 %.
double near_k(const json& row, size_t number) { return row["k"].get<double>() * (1 + 0.01 * (double(number % 9) - 4)); }

std::string figure(const std::string& heading, const std::string& svg, const std::string& caption) {
  if (svg.empty()) return "";
  return fmt::format("<section><h2>{}</h2>\n<figure>\n{}<figcaption>{}</figcaption></figure></section>\n", heading, svg,
                     caption);
}

// As many pictures side by side as there is room for.
std::string side_by_side(const std::string& figures) {
  return figures.empty() ? "" : "<div class='pictures'>\n" + figures + "</div>\n";
}

json usable_rows(const json& j) {
  json rows = json::array();
  for (const json& row : j["rows"])
    if (usable(row)) rows.push_back(row);
  return rows;
}

// ---- Speed by k ----

struct named_seconds {
  const char* name;
  double (*of)(const json& row);
};

double other_seconds(const json& row, size_t column) {
  return row.contains("others") && row["others"].size() > column ? median_or_0(row["others"][column]["seconds"]) : 0;
}

constexpr named_seconds arms[] = {
    {"fused", [](const json& row) { return median_or_0(row["fused_seconds"]); }},
    {"ours plain", [](const json& row) { return other_seconds(row, column_plain); }},
    {"library's product, best", [](const json& row) { return median_or_0(row["bare_seconds"]); }},
    {"product, then one pass", [](const json& row) { return median_or_0(row["unfused_seconds"]); }},
    {"its default", [](const json& row) { return other_seconds(row, column_default); }},
    {"its own epilogue", [](const json& row) { return other_seconds(row, column_epilogue); }}};

// Depths that differ by little are one: a shape past a tile's size would be a step in the line.
int depth_of(double k) { return int(std::round(16 * std::log2(k))); }

// The geometric mean of an arm's speeds at each k, of one type.
std::string speed_by_k(const json& rows, const std::string& type, bool gpu) {
  chart c{.title = "speed by k, " + type,
          .x_label = "k, the depth of the product",
          .y_label = gpu ? "TFLOP/s" : "GFLOP/s",
          .series = {},
          .marks = {},
          .x_binary = true,
          .line_at_one = false,
          .joined = true};
  for (const named_seconds& a : arms) {
    std::map<int, std::vector<std::pair<double, double>>> found;  // depth and speed
    for (const json& row : rows) {
      if (text(row["type"]) != type || text(row["operation"]) != "forward" || row["cold"].get<bool>()) continue;
      const double seconds = a.of(row), fused = median_or_0(row["fused_seconds"]);
      if (seconds <= 0 || row["gflops"].is_null()) continue;
      const double k = row["k"].get<double>(), gflops = row["gflops"].get<double>() * fused / seconds;
      found[depth_of(k)].emplace_back(k, gflops * (gpu ? 1e-3 : 1));
    }
    if (found.empty()) continue;
    for (const auto& [depth, all] : found) {
      std::vector<double> depths, speeds;
      for (const auto& [k, speed] : all) depths.push_back(k), speeds.push_back(speed);
      c.marks.push_back({.x = geometric_mean(depths),
                         .y = geometric_mean(speeds),
                         .series = int(c.series.size()),
                         .tip = fmt::format("{}, k = {:.0f}: {:.4g} {} (geometric mean of {})", a.name,
                                            geometric_mean(depths), geometric_mean(speeds), c.y_label, all.size())});
    }
    c.series.push_back(a.name);
  }
  const auto apart = [&](const mark& m) { return depth_of(m.x) != depth_of(c.marks.front().x); };
  return std::any_of(c.marks.begin(), c.marks.end(), apart) ? scatter(c) : "";
}

std::string speeds(const json& rows, bool gpu) {
  std::string out;
  for (const char* type : type_names)
    out +=
        figure(fmt::format("Speed by k, {}", type), speed_by_k(rows, type, gpu),
               "Every arm's product, whatever else the arm does; each mark is the geometric mean of the cases of that "
               "depth. Cases whose weights come from memory are left out.");
  return out;
}

// ---- The price of each activation ----

// Fused time ÷ time of the plain product: ours where it was timed, else the library's.
double price_of(const json& row) {
  const double plain =
      other_seconds(row, column_plain) > 0 ? other_seconds(row, column_plain) : median_or_0(row["bare_seconds"]);
  return plain > 0 ? median_or_0(row["fused_seconds"]) / plain : 0;
}

std::string group_of(const json& row) { return fmt::format("{}, {}", text(row["shape"]), text(row["type"])); }

std::string prices(const json& rows, bool gpu) {
  // Of one shape and type, the one with the most functions: prices depend on k.
  std::map<std::string, std::map<std::string, lane_row>> groups;
  for (const json& row : rows) {
    if (text(row["operation"]) != "forward" || text(row["combine"]) != "plain" || price_of(row) <= 0) continue;
    lane_row& lane = groups[group_of(row)][text(row["function"])];
    const double price = price_of(row), noise = row["noise"].get<double>();
    lane.label = text(row["function"]);
    lane.kind = "same";
    const bool fast = text(row["accuracy"]) == "fast";
    lane.tip +=
        fmt::format("{}{} {:.3f}", lane.tip.empty() ? lane.label + ": " : ", ", fast ? "fast" : "accurate", price);
    if (lane.ratio == 1 && lane.hollow == 0) lane.ratio = 0;
    if (fast) lane.hollow = price;
    else lane.ratio = price, lane.low = price / (1 + noise), lane.high = price * (1 + noise);
  }
  const auto most = std::max_element(groups.begin(), groups.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  if (most == groups.end() || most->second.size() < 3) return "";
  std::vector<lane_row> lines;
  for (const auto& [name, lane] : most->second) lines.push_back(lane);
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.ratio < b.ratio; });
  return figure("The price of each activation",
                lanes({"the price of each activation", "accurate", "fast", "same"}, lines),
                fmt::format("Fused time ÷ time of {}, {}. At 1 bias and function cost nothing; the bars are the noise.",
                            gpu ? "our own plain product" : "the library's product alone", escaped(most->first)));
}

// ---- The share of the roof ----

struct roof_lane {
  std::string label;
  std::vector<double> fused, bare, loop;  // of each case
};

// A line a shape and type, in the order of the rows, of all its functions together.
std::vector<roof_lane> roof_lanes(const json& rows) {
  std::vector<roof_lane> all;
  for (const json& row : rows) {
    if (!row.contains("roof")) continue;
    const json& roof = row["roof"];
    const std::string label =
        roof["limit"].is_null() ? group_of(row) : fmt::format("{} ({})", group_of(row), text(roof["limit"]));
    auto at = std::find_if(all.begin(), all.end(), [&](const roof_lane& l) { return l.label == label; });
    if (at == all.end()) at = all.insert(all.end(), {label, {}, {}, {}});
    const auto add = [](std::vector<double>& to, const json& share) {
      if (!share.is_null()) to.push_back(share.get<double>());
    };
    add(at->fused, roof["share"]);
    add(at->bare, roof["bare_share"]);
    if (!row["cold"].get<bool>()) add(at->loop, roof["loop_share"]);
  }
  return all;
}

// A picture of two of a lane's shares, the second hollow.
std::string shares(const std::vector<roof_lane>& all, const lane_titles& titles, std::vector<double> roof_lane::*filled,
                   std::vector<double> roof_lane::*hollow) {
  const auto mean = [](const std::vector<double>& values) { return values.empty() ? 0 : geometric_mean(values); };
  std::vector<lane_row> lines;
  for (const roof_lane& l : all) {
    const double first = mean(l.*filled), second = hollow == nullptr ? 0 : mean(l.*hollow);
    if (first <= 0 && second <= 0) continue;
    lines.push_back({.label = l.label,
                     .tip = fmt::format("{}: {} {:.3f}{}", l.label, titles.filled, first,
                                        second > 0 ? fmt::format(", {} {:.3f}", titles.hollow, second) : ""),
                     .ratio = first,
                     .low = first,
                     .high = first,
                     .hollow = second,
                     .kind = "same"});
  }
  return lanes(titles, lines);
}

std::string roof_shares(const json& rows) {
  const std::vector<roof_lane> all = roof_lanes(rows);
  return figure("The share of the roof",
                shares(all, {"the share of the roof", "fused", "cuBLASLt's best product", "same"}, &roof_lane::fused,
                       &roof_lane::bare),
                "The roof, at 1, is the longer of two times: that of the arithmetic by the data sheet at the clock "
                "that was "
                "recorded, and that of moving what the L2 does not keep at the bandwidth that was measured. In "
                "brackets is "
                "which of them. Geometric means of a shape's functions.") +
         figure("The share of the loop in registers",
                shares(all, {"the share of the loop in registers", "our plain product", "", "same"}, &roof_lane::loop,
                       nullptr),
                "At 1 is the same instruction (mma.sync; for strict f32 FFMA) with its operands in registers, timed in "
                "the "
                "same run. Cases whose weights come from memory are left out.");
}

// ---- Ratios ----

std::string ratios(const json& rows, bool gpu) {
  chart by_k{.title = "fused against unfused by k",
             .x_label = "k, the depth of the product",
             .y_label = "unfused time ÷ fused time",
             .series = {std::begin(type_names), std::end(type_names)},
             .marks = {},
             .x_binary = true};
  chart share = by_k, noise = by_k;
  share.title = "share of the bare product's speed by k";
  share.y_label = "bare product's time ÷ fused time";
  noise.title = "noise";
  noise.x_label = "noise: how far the same arm strays from itself";
  noise.x_percent = noise.noise_wedge = true;
  noise.x_binary = false;
  std::vector<lane_row> all;
  for (const json& row : rows) {
    const json& r = row["ratio"];
    const double ratio = r["median"], bare = number_or_0(row["bare_share"]), k = near_k(row, all.size());
    by_k.marks.push_back(mark_of(row, k, ratio));
    by_k.marks.back().low = r["lower_quartile"];
    by_k.marks.back().high = r["upper_quartile"];
    if (bare > 0) share.marks.push_back(mark_of(row, k, bare));
    noise.marks.push_back(mark_of(row, std::max(1e-3, row["noise"].get<double>()), ratio));
    all.push_back(
        {.label = fmt::format("{}, {}, {}", what_of(row), text(row["shape"]).substr(0, 34), text(row["type"])),
         .tip = tip_of(row),
         .ratio = ratio,
         .low = r["low"],
         .high = r["high"],
         .hollow = bare,
         .kind = kind_of(row["verdict"])});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.ratio > b.ratio; });
  return figure("Fused against unfused, by k", scatter(by_k),
                "Above the dashed line the fused layer is faster. Bars are quartiles of the rounds. The shallower the "
                "product, the larger the part of the separate pass.") +
         figure(
             "Share of the bare product's speed", scatter(share),
             "The best library's product alone, with no bias and no function. On the line the epilogue costs nothing; "
             "above it our product is the faster one as well.") +
         figure("Every case",
                lanes({"every case", "÷ unfused", gpu ? "÷ cuBLASLt's product alone" : "÷ the bare product"}, all),
                "Filled: against product and pass, with the 95 % interval of the median. Hollow: against the product "
                "alone.") +
         figure(
             "Noise", scatter(noise),
             "The fused arm is timed twice in each round. A case in the shaded part differs by less than the same arm "
             "from itself.");
}

}  // namespace

std::string kind_of(const std::string& verdict) {
  if (verdict == "FASTER") return "faster";
  if (verdict == "SLOWER") return "slower";
  if (verdict == "SAME") return "same";
  return verdict == "CAN'T TELL" ? "cant" : "bad";
}

bool usable(const json& row) { return row["verdict"] != "FAILED" && row["verdict"] != "WRONG"; }

std::string sizes_of(const json& row) {
  return fmt::format("{} × {} × {}", row["m"].get<int64_t>(), row["n"].get<int64_t>(), row["k"].get<int64_t>());
}

std::string what_of(const json& row) {
  const std::string operation = row["operation"], function = row["function"];
  const std::string layer = function + (row["accuracy"] == "fast" ? " fast" : "");
  return operation == "forward" ? layer : operation + (function == "-" ? "" : " " + layer);
}

std::string pictures(const json& j) {
  const json rows = usable_rows(j);
  const bool gpu = j.contains("gpu");
  return side_by_side(speeds(rows, gpu)) + side_by_side(prices(rows, gpu) + roof_shares(rows)) +
         side_by_side(ratios(rows, gpu));
}

}  // namespace gemmact_bench

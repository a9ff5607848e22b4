// What the report says of layers whose function was typed as an equation.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/core/workload.hpp"
#include "bench/report/pictures.hpp"
#include "bench/report/report.hpp"
#include "bench/report/svg.hpp"

namespace gemmact_bench {
namespace {

using nlohmann::json;

bool has_equation(const json& row) { return !row["equation"].get<std::string>().empty() && row["verdict"] != "FAILED"; }

std::string seconds_cell(const json& seconds) {
  return fmt::format("<td>{}</td>", seconds.is_null() ? "–" : duration_text(seconds.get<double>()));
}

std::string table_row(const json& row, bool gpu) {
  const json& by_hand = row["others"][column_by_hand];
  std::string out = fmt::format(
      "<tr><td class='l'>{}</td><td class='l w'><code>{}</code></td><td class='l'>{}</td><td>{}</td>",
      escaped(what_of(row)), escaped(row["equation"]), escaped(row["shape"]), row["type"].get<std::string>());
  out += seconds_cell(row["fused_seconds"]["median"]) + seconds_cell(by_hand["seconds"]["median"]);
  out += fmt::format("<td>{:.3f}</td>", by_hand["ratio"]["median"].get<double>());
  if (gpu) {
    const json none, &first = row["first_run"];
    out += seconds_cell(first.is_null() ? none : first["compiled_seconds"]);
    out += seconds_cell(first.is_null() ? none : first["disk_seconds"]);
  }
  return out + "</tr>\n";
}

}  // namespace

std::string equation_section(const json& j) {
  const bool gpu = j.contains("gpu");
  std::string rows;
  for (const json& row : j["rows"])
    if (has_equation(row)) rows += table_row(row, gpu);
  if (rows.empty()) return "";
  std::string out =
      "<h2>Functions typed as equations</h2>\n<p>Each of these layers was given its function as a line of text, and "
      "ran in "
      "turns with the same layer whose function is a file of this library, written by hand. The speed is the first "
      "one's "
      "divided by the second one's: 1 is as fast, 0.5 takes twice the time.";
  if (gpu)
    out +=
        " Before its first run an equation is compiled: the last columns are the time from the text to the launched "
        "kernel, with nothing compiled before and with the kernel read from the disk.";
  out +=
      "</p>\n<div class='scroll'><table>\n<tr><th class='l'>function</th><th class='l'>equation</th>"
      "<th class='l'>shape</th><th>type</th><th>typed</th><th>by hand</th><th>speed</th>";
  if (gpu) out += "<th>first run</th><th>from the disk</th>";
  return out + "</tr>\n" + rows + "</table></div>\n";
}

std::string equation_summary(const report& r) {
  std::vector<double> ratios;
  first_run slowest;
  for (const report_row& row : r.rows) {
    if (row.what.equation.empty() || row.result() == verdict::failed || row.result() == verdict::wrong) continue;
    if (row.by_hand_ratio() > 0) ratios.push_back(row.by_hand_ratio());
    slowest.compiled = std::max(slowest.compiled, row.first.compiled);
    slowest.from_disk = std::max(slowest.from_disk, row.first.from_disk);
  }
  if (ratios.empty()) return "";
  std::string text = fmt::format(
      "Functions typed as equations: {:.3f} times as fast as the same layers with functions written by hand (geometric "
      "mean of {}, lowest {:.3f}).\n",
      geometric_mean(ratios), ratios.size(), *std::min_element(ratios.begin(), ratios.end()));
  if (slowest.compiled > 0)
    text += fmt::format("From an equation's text to its launched kernel: at most {}, from the disk {}.\n",
                        duration_text(slowest.compiled), duration_text(slowest.from_disk));
  return text;
}

}  // namespace gemmact_bench

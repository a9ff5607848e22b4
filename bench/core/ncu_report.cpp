#include "bench/core/ncu_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <regex>
#include <sstream>

#include "bench/core/statistics.hpp"

namespace gemmact_bench {
namespace {

// A field in quotes may have commas, and quotes written twice.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[i++];
    else if (line[i] == '"') quoted = !quoted;
    else if (line[i] == ',' && !quoted) fields.emplace_back();
    else if (line[i] != '\r') fields.back() += line[i];
  }
  return fields;
}

// A number for people, and the metrics that tell it: the first that a report has counts, for their names differ from one
// architecture to the next. Where several fit one expression, the largest is that of the pipe that is used.
struct figure {
  const char* name;
  std::vector<const char*> metrics;
  const char* unit;
};
const std::vector<figure>& figures() {
  static const std::vector<figure> all = {
      {"tensor pipe",
       {"sm__pipe_tensor.*_cycles_active\\.avg\\.pct_of_peak_sustained_active",
        "sm__inst_executed_pipe_tensor.*\\.avg\\.pct_of_peak_sustained_active",
        "sm__pipe_tensor.*_cycles_active\\.avg\\.pct_of_peak_sustained_elapsed"},
       "%"},
      {"special functions (XU)", {"sm__inst_executed_pipe_xu\\.avg\\.pct_of_peak_sustained_active"}, "%"},
      {"FMA pipe",
       {"sm__inst_executed_pipe_fma\\.avg\\.pct_of_peak_sustained_active",
        "sm__pipe_fma_cycles_active\\.avg\\.pct_of_peak_sustained_active"},
       "%"},
      {"issue slots",
       {"sm__inst_issued\\.avg\\.pct_of_peak_sustained_active",
        "smsp__issue_active\\.avg\\.pct_of_peak_sustained_active",
        "sm__issue_active\\.avg\\.pct_of_peak_sustained_elapsed"},
       "%"},
      {"DRAM",
       {"gpu__dram_throughput\\.avg\\.pct_of_peak_sustained_elapsed",
        "dram__throughput\\.avg\\.pct_of_peak_sustained_elapsed"},
       "%"},
      {"L2", {"lts__throughput\\.avg\\.pct_of_peak_sustained_elapsed"}, "%"},
      {"occupancy", {"sm__warps_active\\.avg\\.pct_of_peak_sustained_active"}, "%"},
      {"occupancy, at most", {"sm__maximum_warps_per_active_cycle_pct"}, "%"},
      {"registers a thread", {"launch__registers_per_thread"}, ""},
      {"shared memory a block", {"launch__shared_mem_per_block"}, "bytes"}};
  return all;
}

std::optional<double> largest(const ncu_launch& launch, const char* expression) {
  const std::regex wanted(expression);
  std::optional<double> found;
  for (const auto& [name, text] : launch.columns)
    if (std::regex_match(name, wanted))
      if (const auto v = launch.number(name)) found = std::max(found.value_or(*v), *v);
  return found;
}

std::optional<double> median_of(const std::vector<ncu_launch>& launches, const std::vector<const char*>& metrics) {
  for (const char* expression : metrics) {
    std::vector<double> values;
    for (const ncu_launch& l : launches)
      if (const auto v = largest(l, expression)) values.push_back(*v);
    if (!values.empty()) return summarize(values).median;
  }
  return std::nullopt;
}

// The reasons why warps wait, as warps for each instruction that is issued, most first.
std::string stalls_of(const std::vector<ncu_launch>& launches) {
  const std::regex stall("smsp__average_warps_issue_stalled_(\\w+)_per_issue_active\\.ratio");
  std::vector<std::pair<double, std::string>> all;
  for (const auto& [name, text] : launches.front().columns) {
    std::smatch found;
    if (!std::regex_match(name, found, stall) || found[1].str().find("not_issued") != std::string::npos) continue;
    std::vector<double> values;
    for (const ncu_launch& l : launches)
      if (const auto v = l.number(name)) values.push_back(*v);
    // A selected warp does not wait.
    if (!values.empty() && found[1] != "selected") all.emplace_back(summarize(values).median, found[1].str());
  }
  std::sort(all.rbegin(), all.rend());
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(all.size(), 4); ++i)
    text += fmt::format("{}{} {:.2f}", i == 0 ? "" : ", ", all[i].second, all[i].first);
  return text.empty() ? "not in this report" : text + " (warps for each instruction issued)";
}

}  // namespace

std::optional<double> ncu_launch::number(const std::string& column) const {
  const auto at = columns.find(column);
  if (at == columns.end()) return std::nullopt;
  std::string digits = at->second;
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (digits.empty() || *end != '\0') return std::nullopt;
  return value;
}

std::string ncu_launch::kernel() const {
  const auto at = columns.find("Kernel Name");
  return at == columns.end() ? "" : at->second.substr(0, at->second.find('('));
}

std::vector<ncu_launch> parse_ncu_csv(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> heading;
  std::vector<ncu_launch> launches;
  int line_number = 0;
  for (std::string line; std::getline(in, line);) {
    ++line_number;
    if (heading.empty()) {
      if (line.rfind("\"ID\",", 0) == 0) heading = fields_of(line);
      continue;
    }
    if (line.empty()) continue;
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() != heading.size())
      throw ncu_error(fmt::format("line {} of ncu's page has {} fields, and its heading {}", line_number, fields.size(),
                                  heading.size()));
    if (fields.front().empty()) continue;  // of units
    ncu_launch launch;
    for (size_t i = 0; i < fields.size(); ++i) launch.columns[heading[i]] = fields[i];
    launches.push_back(std::move(launch));
  }
  if (heading.empty()) throw ncu_error("ncu's page has no line that begins with \"ID\"");
  return launches;
}

profile_times parse_profile_times(std::string_view text) {
  std::map<std::string, std::string> values;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    const size_t blank = line.find(' ');
    if (blank != std::string::npos) values[line.substr(0, blank)] = line.substr(blank + 1);
  }
  for (const char* name : {"case", "kernel", "family", "fused_seconds", "plain_seconds"})
    if (values[name].empty()) throw ncu_error(fmt::format("what was timed has no line of {}", name));
  return {values["case"], values["kernel"], values["family"], std::atof(values["fused_seconds"].c_str()),
          std::atof(values["plain_seconds"].c_str())};
}

std::string profile_text(const std::vector<ncu_launch>& page, const profile_times& times) {
  if (page.empty()) throw ncu_error("ncu saw no launch between the profiler's start and stop");
  std::vector<ncu_launch> launches;
  std::copy_if(page.begin(), page.end(), std::back_inserter(launches),
               [&](const ncu_launch& l) { return l.kernel() == times.kernel; });
  if (launches.empty())
    throw ncu_error(fmt::format("ncu's page has no launch of {}, which was timed; its first is of \"{}\"", times.kernel,
                                page.front().kernel()));
  std::string text =
      fmt::format("{}\n{} of {}; medians of {} launches\n", times.name, times.kernel, times.family, launches.size());
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<24} {}\n", name, value);
  };
  if (const auto ns = median_of(launches, {"gpu__time_duration\\.sum"}))
    line("time under ncu", fmt::format("{:.2f} us (it holds the clock at its base)", *ns * 1e-3));
  for (const figure& f : figures()) {
    const auto value = median_of(launches, f.metrics);
    line(f.name, value ? fmt::format("{:.4g} {}", *value, f.unit) : "not in this report");
  }
  line("waiting warps", stalls_of(launches));
  line("epilogue", fmt::format("{:.1f} % of the time: fused {:.2f} us, the plain product {:.2f} us, without ncu",
                               100 * (times.fused_seconds - times.plain_seconds) / times.fused_seconds,
                               1e6 * times.fused_seconds, 1e6 * times.plain_seconds));
  return text;
}

}  // namespace gemmact_bench

// The raw page of Nsight Compute (`ncu --import FILE --csv --page raw`) and the handful of its numbers that matter.
#pragma once
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact_bench {

struct ncu_error : std::runtime_error {
  using runtime_error::runtime_error;
};

// The launches of a report by column: "Kernel Name", "launch__registers_per_thread", ...
struct ncu_launch {
  std::map<std::string, std::string> columns;
  std::optional<double> number(const std::string& column) const;  // thousands may be parted by commas
  std::string kernel() const;                                     // without its arguments' types; "": not told
};

// Lines before the heading (`"ID",...`) are skipped, and so is the line of units that follows it. Throws ncu_error where
// there is no heading, or a line has another number of columns.
std::vector<ncu_launch> parse_ncu_csv(std::string_view text);

// What gemmact_bench_gpu --profile printed: a name and a value a line.
struct profile_times {
  std::string name, kernel, family;
  double fused_seconds = 0, plain_seconds = 0;
};
profile_times parse_profile_times(std::string_view text);  // throws ncu_error where one is missing

// Lines for people: the medians of the page's launches of the kernel that was timed. Throws ncu_error where there are none.
std::string profile_text(const std::vector<ncu_launch>& page, const profile_times& times);

}  // namespace gemmact_bench

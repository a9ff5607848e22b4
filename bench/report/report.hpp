// What a run of the benchmark found, and how it is written down.
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/core/cases.hpp"
#include "bench/core/first_run.hpp"
#include "bench/core/gpu_facts.hpp"
#include "bench/core/measure.hpp"

namespace gemmact_bench {

struct report_row {
  bench_case what;
  bool cold = false;
  std::string kernel, family;
  std::string failure;   // why there is no result, "" if there is
  std::string left_out;  // why it is no row of the report
  heat chosen;           // of the product's candidates; timed is 0 where they were not tried before
  first_run first;       // of an equation on a GPU
  outcome found;

  verdict result() const { return failure.empty() ? found.compared.result : verdict::failed; }
  double gflops() const;      // of the fused arm; 0 where there is no product
  double bare_share() const;  // bare time / fused time; 0 where there is no product or nothing ran it alone
  // Of an equation: the speed of its layer divided by that of the same layer with the function by hand; 0: not measured.
  double by_hand_ratio() const;

  // Of a GPU. The median of the rounds' clocks, 0 where they are not known.
  double clock_mhz() const;
  // Seconds of one of `others`, 0 where it did not run.
  double other_seconds(size_t column) const;
  // What its work takes at least, at the row's clock; of a GPU that nothing is known of 0.
  least_time least(const gpu_facts& gpu) const;
  // The speed of the plain arm divided by that of the loop with operands in registers; 0: not measured.
  double loop_share(const gpu_facts& gpu) const;
};

// The circumstances.
struct report_setting {
  std::string device, description, instruction_set;
  int threads = 0;
  std::string mode;    // quick, default, full
  std::string filter;  // "" for all
  int64_t cold_bytes = 0;
  std::vector<std::string> baselines;  // each library with its version
  std::string openblas_missing;        // why, or ""
  measure_settings settings;
  double load = 0;            // of the machine before
  double budget_seconds = 0;  // for all cases, 0: as long as it takes
  std::optional<gpu_facts> gpu;
  std::string bare_column = "/ bare";      // heading, and what the product alone is of
  std::vector<std::string> other_columns;  // headings of a contest's others
};

struct report {
  report_setting setting;
  std::vector<report_row> rows;
  std::map<std::string, int> left_out;
  std::vector<std::string> not_reached;  // names of the cases that the time did not suffice for
};

struct report_summary {
  double geomean = 1, geomean_bare_share = 1;
  std::vector<double> geomean_others;  // as other_columns
  std::map<std::string, int> verdicts;
  bool good = true;  // no row is wrong or failed
};
report_summary summary_of(const report& r);

// The schema is in bench/README.md.
nlohmann::json to_json(const report& r);

// A page of its own from what to_json gives: pictures, table, circumstances; nothing is loaded from elsewhere.
std::string to_html(const nlohmann::json& j);

// The part of the page, and of the summary, on equations; "" where no row has one.
std::string equation_section(const nlohmann::json& j);
std::string equation_summary(const report& r);

// The lines of a table for people, without colours.
std::string table_heading(const report_setting& setting);
std::string table_line(const report_row& row, const report_setting& setting);
std::string summary_text(const report& r);

// "12.3 us", "4.56 ms"
std::string duration_text(double seconds);

// How the program and its baseline were built.
const char* compiler_text();
const char* baseline_flags_text();

}  // namespace gemmact_bench

// The project's goals for speed: one table, from which the report says of each row which apply, and whether it meets them.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/report/report.hpp"

namespace gemmact_bench {

// A row as a goal sees it; `gpu` is null on a CPU.
struct goal_case {
  const report_row& row;
  const gpu_facts* gpu;
};

struct goal {
  const char* key;   // of the report's JSON
  const char* what;  // what is divided by what, of which cases
  const char* text;  // the goal and the stretch, for people
  bool (*applies)(const goal_case& c);
  // The figure that must reach `least`; nothing where it was not measured. Null: the benchmark has no arm for it.
  std::optional<double> (*value)(const goal_case& c);
  double (*least)(const goal_case& c);
  double (*stretch)(const goal_case& c);
  double least_geomean = 0;  // of all rows together; 0: none
  // The figure is the product's whatever the function: in the mean each product counts once.
  bool of_product = false;
  bool on_gpus = true, on_cpu = false;  // the kinds of device whose report speaks of it
};

// In the order of the report.
std::span<const goal> goals();

enum class attained { met, missed, not_measured };
const char* name_of(attained a);  // "met", "missed", "not measured"

struct goal_result {
  const goal* of;
  std::optional<double> value;
  double least = 0, stretch = 0;
  attained state = attained::not_measured;
};
// Those that apply to a row. A row that is wrong, failed or was throttled measures nothing.
std::vector<goal_result> goals_of(const report_row& row, const report_setting& setting);

struct goal_total {
  const goal* of;
  int met = 0, missed = 0, not_measured = 0;
  double geomean = 0, lowest = 0;  // of the values; 0 where there are none
  // Missed where a row or the geometric mean misses it; not measured where no row has a value.
  attained state = attained::not_measured;
};
// All goals that a run on such a device can speak of, in order.
std::vector<goal_total> goal_totals(const report& r);

}  // namespace gemmact_bench

#include "kernels/emulator/mutation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace gemmact::emulator {
namespace {

std::string short_name(const char* file) {
  const std::string name = file;
  for (const char* root : {"kernels/", "tests/"}) {
    if (const size_t at = name.rfind(root); at != std::string::npos) return name.substr(at);
  }
  return name;
}

std::string name_of_time(const mutant_outcome& one) {
  switch (one.when) {
    case turn::every:
      return "";
    case turn::first:
      return " at first";
    case turn::last:
      return fmt::format(" at last (time {})", one.changed.time + 1);
    case turn::drawn:
      return fmt::format(" at time {}", one.changed.time + 1);
  }
  return "?";
}

// Seeds outside, schedules inside: each seed is another draw of everything.
template <class F>
void for_runs(u32 seeds, F&& f) {
  for (u64 seed = 0; seed < seeds; ++seed) {
    for (const schedule order : all_schedules) {
      if (!f(seed, order)) return;
    }
  }
}

struct counted_site {
  sync_site place;
  u32 times;
};

std::string fault_of(const case_run& run) {
  if (run.launched.found) return name_of(run.launched.found->kind);
  return run.right ? "" : "wrong result";
}

// Runs the kernel unchanged; its sites, and the most points that a run took.
u64 run_clean(mutation_table& table, const kernel_case& run, u32 seeds, std::vector<counted_site>& sites) {
  u64 points = 0;
  for_runs(seeds, [&](u64 seed, schedule order) {
    options how;
    how.kernel = table.kernel.c_str();
    how.seed = seed;
    how.order = order;
    how.count_times = true;
    const case_run done = run(how);
    if (!fault_of(done).empty()) {
      table.unsound =
          fmt::format("{}; {}", fault_of(done), done.launched.found ? done.launched.text() : done.launched.replay);
      return false;
    }
    points = std::max(points, done.launched.points);
    for (size_t i = 0; i < done.launched.sites.size(); ++i) {
      const counted_site reached{done.launched.sites[i], done.launched.times[i]};
      const auto known =
          std::find_if(sites.begin(), sites.end(), [&](const counted_site& one) { return one.place == reached.place; });
      if (known == sites.end()) sites.push_back(reached);
      else known->times = std::max(known->times, reached.times);
    }
    return true;
  });
  return points;
}

void try_mutant(const mutation_table& table, const kernel_case& run, u32 seeds, u64 most_points,
                mutant_outcome& outcome) {
  for_runs(seeds, [&](u64 seed, schedule order) {
    options how;
    how.kernel = table.kernel.c_str();
    how.seed = seed;
    how.order = order;
    how.most_points = most_points;
    how.disturbed = outcome.changed;
    const case_run done = run(how);
    ++outcome.runs;
    outcome.how = fault_of(done);
    if (done.launched.found && done.launched.found->at.line)
      outcome.at = fmt::format("{}:{}", short_name(done.launched.found->at.file), done.launched.found->at.line);
    outcome.run = done.launched.replay;
    return outcome.how.empty();
  });
}

}  // namespace

u32 mutation_table::survivors() const {
  return u32(std::count_if(mutants.begin(), mutants.end(),
                           [](const mutant_outcome& one) { return one.how.empty() && !one.excuse; }));
}

std::string mutation_table::text() const {
  if (!unsound.empty()) return fmt::format("mutant {}: the kernel itself is wrong: {}\n", kernel, unsound);
  std::string lines;
  std::map<std::string, u32> totals;
  for (const mutant_outcome& one : mutants) {
    const sync_site& where = one.changed.where;
    std::string how = one.excuse ? fmt::format("survived: {}", one.excuse) : "survived";
    if (!one.how.empty()) {
      const std::string at = one.at.empty() ? "" : " at " + one.at;
      how = fmt::format("caught by {}{} in run {}", one.how, at, one.runs);
    }
    lines += fmt::format("mutant {} {}:{} {} {}{} {}\n", kernel, short_name(where.at.file), where.at.line,
                         name_of(where.kind), name_of(one.changed.what), name_of_time(one), how);
    ++totals[!one.how.empty() ? one.how : one.excuse ? "excused" : "survived"];
  }
  lines += fmt::format("{}: {} mutants", kernel, mutants.size());
  for (const auto& [how, count] : totals) lines += fmt::format(", {} {}", count, how);
  return lines + "\n";
}

namespace {

std::string source_line(site at) {
  std::ifstream file(at.file);
  std::string line;
  for (u32 i = 0; i < at.line && std::getline(file, line); ++i) {
  }
  return file ? line : "";
}

// The turns of a site to leave out: of many one of those in the middle half, drawn by its place, before and after which a
// ring of stages has been filled.
std::vector<mutant_outcome> mutants_of(const counted_site& site) {
  std::vector<mutant_outcome> all;
  const auto add = [&](change what, turn when, u32 time) {
    mutant_outcome& made = all.emplace_back();
    made.changed = {site.place, what, time};
    made.when = when;
  };
  for (const change what : changes_of(site.place.kind)) add(what, turn::every, every_time);
  if (site.times > 1) {
    add(change::skip, turn::first, 0);
    add(change::skip, turn::last, site.times - 1);
  }
  if (site.times > 2) {
    const u32 from = std::max(1u, site.times / 4),
              to = std::min(site.times - 1, std::max(from + 1, 3 * site.times / 4));
    add(change::skip, turn::drawn, from + site.place.at.line * 7919 % (to - from));
  }
  return all;
}

}  // namespace

mutation_table mutate(const char* kernel, const kernel_case& run, u32 seeds, const std::vector<excuse>& excuses) {
  mutation_table table{kernel, "", {}};
  std::vector<counted_site> sites;
  const u64 points = run_clean(table, run, seeds, sites);
  if (!table.unsound.empty()) return table;
  for (const counted_site& site : sites) {
    const std::string line = excuses.empty() ? "" : source_line(site.place.at);
    for (mutant_outcome& one : mutants_of(site)) {
      for (const excuse& each : excuses)
        if (each.when == one.when && line.find(each.words) != std::string::npos) one.excuse = each.reason;
      // What is expected to survive takes all its runs: those of one seed show it.
      try_mutant(table, run, one.excuse ? 1 : seeds, 20 * points + 100'000, one);
      table.mutants.push_back(std::move(one));
    }
  }
  return table;
}

}  // namespace gemmact::emulator

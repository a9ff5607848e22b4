#include "kernels/emulator/mutation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gemmact::emulator {
namespace {

// Seeds outside, schedules inside: each seed is another draw of everything.
template <class F>
void for_runs(u32 seeds, F&& f) {
  for (u64 seed = 0; seed < seeds; ++seed) {
    for (const schedule order : all_schedules) {
      if (!f(seed, order)) return;
    }
  }
}

std::string fault_of(const case_run& run) {
  if (run.launched.found) return name_of(run.launched.found->kind);
  return run.right ? "" : "wrong result";
}

// Runs the kernel unchanged; its sites, and the most points that a run took.
u64 run_clean(mutation_table& table, const kernel_case& run, u32 seeds, std::vector<sync_site>& sites) {
  u64 points = 0;
  for_runs(seeds, [&](u64 seed, schedule order) {
    options how;
    how.kernel = table.kernel.c_str();
    how.seed = seed;
    how.order = order;
    const case_run done = run(how);
    if (!fault_of(done).empty()) {
      table.unsound =
          fmt::format("{}; {}", fault_of(done), done.launched.found ? done.launched.text() : done.launched.replay);
      return false;
    }
    points = std::max(points, done.launched.points);
    for (const sync_site& site : done.launched.sites) {
      if (std::find(sites.begin(), sites.end(), site) == sites.end()) sites.push_back(site);
    }
    return true;
  });
  return points;
}

mutant_outcome try_mutant(const mutation_table& table, const kernel_case& run, u32 seeds, u64 most_points,
                          const mutant& changed) {
  mutant_outcome outcome;
  outcome.changed = changed;
  for_runs(seeds, [&](u64 seed, schedule order) {
    options how;
    how.kernel = table.kernel.c_str();
    how.seed = seed;
    how.order = order;
    how.most_points = most_points;
    how.disturbed = changed;
    const case_run done = run(how);
    ++outcome.runs;
    outcome.how = fault_of(done);
    outcome.run = done.launched.replay;
    return outcome.how.empty();
  });
  return outcome;
}

std::string short_name(const char* file) {
  const std::string name = file;
  for (const char* root : {"kernels/", "tests/"}) {
    if (const size_t at = name.rfind(root); at != std::string::npos) return name.substr(at);
  }
  return name;
}

}  // namespace

u32 mutation_table::survivors() const {
  return u32(std::count_if(mutants.begin(), mutants.end(), [](const mutant_outcome& one) { return one.how.empty(); }));
}

std::string mutation_table::text() const {
  if (!unsound.empty()) return fmt::format("mutant {}: the kernel itself is wrong: {}\n", kernel, unsound);
  std::string lines;
  std::map<std::string, u32> totals;
  for (const mutant_outcome& one : mutants) {
    const sync_site& where = one.changed.where;
    const std::string how = one.how.empty() ? "survived" : fmt::format("caught by {} in run {}", one.how, one.runs);
    lines += fmt::format("mutant {} {}:{} {} {} {}\n", kernel, short_name(where.at.file), where.at.line,
                         name_of(where.kind), name_of(one.changed.what), how);
    ++totals[one.how.empty() ? "survived" : one.how];
  }
  lines += fmt::format("{}: {} mutants", kernel, mutants.size());
  for (const auto& [how, count] : totals) lines += fmt::format(", {} {}", count, how);
  return lines + "\n";
}

mutation_table mutate(const char* kernel, const kernel_case& run, u32 seeds) {
  mutation_table table{kernel, "", {}};
  std::vector<sync_site> sites;
  const u64 points = run_clean(table, run, seeds, sites);
  if (!table.unsound.empty()) return table;
  for (const sync_site& site : sites) {
    for (const change what : changes_of(site.kind)) {
      table.mutants.push_back(try_mutant(table, run, seeds, 20 * points + 100'000, {site, what}));
    }
  }
  return table;
}

}  // namespace gemmact::emulator

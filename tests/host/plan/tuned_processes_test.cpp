// Many processes share what tuning has measured and die at any moment: nobody ever reads times that are not whole.
#include <gtest/gtest.h>
#include <unistd.h>

#include "host/jit/file_descriptor.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/tuned_times.hpp"
#include "tests/host/jit/killed_processes.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr int problems = 8, most_timings = 40;

core::problem problem_of(int number) {
  sample_layer layer = forward_layer();
  layer.problem.k = 3 + number;
  return core::check_problem(layer.link(), plan::functions());
}

// Of one writer: as many timings as its draw says, and every number of them follows from it.
plan::tuned_problem times_of(int number, int draw) {
  plan::tuned_problem times;
  times.m = 1000 * number + draw;  // so that what another process has kept is not joined with it
  for (int i = 0; i <= draw; ++i) {
    core::timing t;
    t.family = "toy", t.tile = std::to_string(i);
    t.low = t.median = t.high = 1 + draw;
    t.runs = number + 1;
    times.timings.push_back(t);
  }
  return times;
}

bool whole(int number, const plan::tuned_problem& times) {
  if (times.timings.empty()) return times.note.empty();
  const int draw = int(times.m) - 1000 * number;
  if (draw < 0 || draw >= most_timings || times.timings.size() != size_t(draw) + 1 || !times.note.empty()) return false;
  return std::all_of(times.timings.begin(), times.timings.end(),
                     [&](const core::timing& t) { return t.median == 1 + draw && t.runs == number + 1; });
}

void work(const std::string& directory, const std::vector<core::problem>& all, uint64_t seed) {
  random_source random{seed};
  for (;;) {
    const int number = int(random.below(problems));
    plan::tuned_times table("a GPU", directory, "");  // which has read nothing yet
    if (random.below(2) == 0) table.keep(all[size_t(number)], times_of(number, int(random.below(most_timings))));
    if (!whole(number, *table.find(all[size_t(number)]))) return;
    if (random.below(8) == 0) ::usleep(useconds_t(random.below(1000)));
  }
}

TEST(tuned_processes, many_at_once_killed_at_any_moment) {
  const temporary_folder folder(place_in_memory());
  std::vector<core::problem> all;
  for (int i = 0; i < problems; ++i) all.push_back(problem_of(i));
  const auto kills = uint64_t(double(case_count(100)) * case_share());
  EXPECT_EQ(kill_processes(
                kills, case_count(4), [&](uint64_t number) { work(folder / "cache", all, number); },
                [&] { return folder.files_with(".tuned").size() >= problems; }),
            0u);
  plan::tuned_times table("a GPU", folder / "cache", "");
  for (int i = 0; i < problems; ++i) {
    EXPECT_FALSE(table.find(all[size_t(i)])->timings.empty());
    EXPECT_TRUE(whole(i, *table.find(all[size_t(i)])));
  }
  for (const std::string& name : folder.files_with(jit::temporary_mark))
    std::filesystem::last_write_time(name, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  table.keep(all[0], times_of(0, 1));
  EXPECT_EQ(folder.files_with("").size(), size_t(problems)) << "what the dead left is swept";
}

// The canary: the same work on files that are written in place must be caught.
TEST(tuned_processes, a_writer_in_place_is_caught) {
  const temporary_folder folder(place_in_memory());
  const core::problem p = problem_of(0);
  plan::tuned_times("a GPU", folder / "cache", "").keep(p, times_of(0, 7));
  const std::string file = folder.files_with(".tuned").at(0), bytes = read_bytes(file);
  bool noticed = false;
  for (size_t length = 1; length < bytes.size(); length += 97) {
    std::filesystem::resize_file(file, length);
    noticed |= !whole(0, *plan::tuned_times("a GPU", folder / "cache", "").find(p));
    write_bytes(file, bytes);
  }
  EXPECT_TRUE(noticed);
}

}  // namespace
}  // namespace gemmact::test

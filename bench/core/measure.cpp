#include "bench/core/measure.hpp"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

namespace gemmact_bench {
namespace {

// Is a thread of this process but the calling one running (or spinning)?
bool others_run() {
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return false;
  const std::string own = std::to_string(syscall(SYS_gettid));
  bool running = false;
  while (const dirent* entry = readdir(tasks)) {
    if (entry->d_name[0] == '.' || own == entry->d_name) continue;
    std::ifstream in(std::string("/proc/self/task/") + entry->d_name + "/stat");
    std::string text;
    std::getline(in, text);
    const size_t name_end = text.rfind(')');  // the state follows the name, "123 (name) S"
    running |= name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'R';
  }
  closedir(tasks);
  return running;
}

// Worker threads spin for a while after their work; the next arm must not pay for it.
void wait_until_quiet() {
  const double start = steady_seconds();
  while (others_run() && steady_seconds() - start < 0.05) std::this_thread::sleep_for(std::chrono::microseconds(200));
}

constexpr double long_call = 10e-3;  // seconds; waking a thread takes less than 1 % of it

// Turns of arms, on one clock.
class stopwatch {
 public:
  explicit stopwatch(const measure_settings& settings) : settings_(settings) {}

  // Seconds a call. Short calls follow one that is not timed, which wakes the arm's threads.
  double turn(const arm& a, int calls, bool wake_first) const {
    wait_until_quiet();
    if (wake_first) a.call();
    const double start = settings_.now();
    for (int i = 0; i < calls; ++i) a.call();
    return (settings_.now() - start) / calls;
  }

  double one_call(const arm& a) const {
    a.call();
    double best = turn(a, 1, false);
    for (int i = 0; i < 2 && best < long_call; ++i) best = std::min(best, turn(a, 1, true));
    return best;
  }

  int calls_for(double call_seconds) const {
    return std::clamp(int(std::ceil(settings_.slot_seconds / std::max(call_seconds, 1e-9))), 1, 100000);
  }

  // The fastest candidate, by the best of five turns, which noise disturbs least; a single one needs no heat.
  const arm* fastest(const std::vector<arm>& candidates) const {
    if (candidates.size() < 2) return candidates.empty() ? nullptr : candidates.data();
    std::vector<double> once;
    for (const arm& a : candidates) once.push_back(one_call(a));
    const double best_once = *std::min_element(once.begin(), once.end());
    std::vector<std::vector<double>> turns(candidates.size());
    for (int round = 0; round < 5; ++round)
      for (size_t i = 0; i < candidates.size(); ++i)
        if (once[i] <= 3 * best_once)
          turns[i].push_back(turn(candidates[i], calls_for(best_once), once[i] < long_call));
    size_t best = 0;
    double best_turn = INFINITY;
    for (size_t i = 0; i < candidates.size(); ++i)
      for (const double t : turns[i])
        if (t < best_turn) best = i, best_turn = t;
    return &candidates[best];
  }

 private:
  const measure_settings& settings_;
};

struct lane {
  const arm* a;
  bool wake_first;
  std::vector<double> seconds;
};

void check(const arm& a, unsigned seed, outcome& o) {
  const double error = a.check(seed);
  if (!(error <= 1) && o.wrong_arm.empty()) o.wrong_arm = a.name;
  o.worst_error = std::isnan(error) ? INFINITY : std::max(o.worst_error, error);
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

outcome measure(const contest& c, const measure_settings& settings, const std::function<void(int, int)>& progress) {
  outcome o;
  std::vector<lane> lanes;
  double round_seconds = 0, shortest = INFINITY;
  const stopwatch watch(settings);
  const arm* unfused = watch.fastest(c.unfused);
  const arm* bare = watch.fastest(c.bare);
  for (const arm* a : {&c.fused, unfused, &c.fused, bare}) {
    if (a == nullptr) continue;
    const double t = watch.one_call(*a);
    lanes.push_back({a, t < long_call, {}});
    shortest = std::min(shortest, t);
    round_seconds += t;
    check(*a, 0, o);
  }
  o.calls = watch.calls_for(shortest);
  // A turn costs its calls, one more that wakes the threads, and the wait for quiet.
  round_seconds = round_seconds * (o.calls + 1) + double(lanes.size()) * 2e-3;
  o.rounds = std::clamp(int(settings.case_seconds / round_seconds), settings.least_rounds, settings.most_rounds);
  for (int round = 0; round < o.rounds; ++round) {
    progress(round, o.rounds);
    for (size_t turn = 0; turn < lanes.size(); ++turn) {
      // Rotated, and every other round backwards, so that no arm always follows the same one.
      const size_t place = (turn + size_t(round)) % lanes.size();
      lane& l = lanes[round % 2 == 0 ? place : lanes.size() - 1 - place];
      l.seconds.push_back(watch.turn(*l.a, o.calls, l.wake_first));
      check(*l.a, unsigned(round) + 1, o);
    }
  }
  o.compared = compare(lanes[0].seconds, lanes[2].seconds, lanes[1].seconds);
  o.fused = summarize(lanes[0].seconds);
  o.unfused = summarize(lanes[1].seconds);
  o.unfused_name = unfused->name;
  if (bare != nullptr) {
    o.bare = summarize(lanes[3].seconds);
    o.bare_name = bare->name;
  }
  if (!o.wrong_arm.empty()) o.compared.result = verdict::wrong;
  return o;
}

}  // namespace gemmact_bench

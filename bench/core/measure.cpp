#include "bench/core/measure.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gemmact_bench {
namespace {

constexpr double long_call = 10e-3;  // seconds; waking a thread takes less than 1 % of it
constexpr double short_call = 1e-3;  // a single one may be slow by chance, or for the waking of threads

// Turns of arms, by one timer.
class stopwatch {
 public:
  // Turns have a multiple of `cycle` calls.
  stopwatch(const measure_settings& settings, int cycle) : settings_(settings), cycle_(cycle) {}

  double turn(const arm& a, int calls, bool wake_first) const {
    if (a.spoil) a.spoil();
    return settings_.time(a.call, calls, wake_first);
  }

  double one_call(const arm& a) const {
    a.call();
    double best = turn(a, 1, false);
    for (int i = 0; i < 2 && best < long_call; ++i) best = std::min(best, turn(a, 1, true));
    return best;
  }

  int calls_for(double call_seconds) const {
    const int calls = std::clamp(int(std::ceil(settings_.slot_seconds / std::max(call_seconds, 1e-9))), 1, 100000);
    return (calls + cycle_ - 1) / cycle_ * cycle_;
  }

  // The fastest candidate, by the best of five turns, which noise disturbs least; a single one needs no heat.
  const arm* fastest(const std::vector<arm>& candidates) const {
    if (candidates.size() < 2) return candidates.empty() ? nullptr : candidates.data();
    std::vector<double> once;
    for (const arm& a : candidates) once.push_back(one_call(a));
    std::vector<double> sorted = once;
    std::sort(sorted.begin(), sorted.end());
    const double best_once = sorted.front();
    const double much_slower = best_once < short_call ? INFINITY : 3 * best_once;
    const double last = std::min(much_slower, sorted[std::min(sorted.size(), most_finalists) - 1]);
    std::vector<std::vector<double>> turns(candidates.size());
    for (int round = 0; round < 5; ++round)
      for (size_t i = 0; i < candidates.size(); ++i)
        if (once[i] <= last) turns[i].push_back(turn(candidates[i], calls_for(best_once), once[i] < long_call));
    size_t best = 0;
    double best_turn = INFINITY;
    for (size_t i = 0; i < candidates.size(); ++i)
      for (const double t : turns[i])
        if (t < best_turn) best = i, best_turn = t;
    return &candidates[best];
  }

 private:
  const measure_settings& settings_;
  const int cycle_;
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

void call_for_a_second(const arm& a) {
  const double start = steady_seconds();
  while (steady_seconds() - start < 1) a.call();
}

heat choose(const std::vector<arm>& candidates, const measure_settings& settings, int cycle) {
  heat h;
  std::string words = "there is none to choose from";
  std::vector<arm> usable;
  std::vector<size_t> places;
  const stopwatch watch(settings, cycle);
  for (size_t i = 0; i < candidates.size(); ++i) {
    try {
      watch.turn(candidates[i], 1, false);
    } catch (const std::exception& e) {
      ++h.refused;
      words = e.what();
      continue;
    }
    if (!(candidates[i].check(0) <= 1)) {
      ++h.wrong;
      words = candidates[i].name + " is wrong";
      continue;
    }
    usable.push_back(candidates[i]);
    places.push_back(i);
  }
  if (usable.empty()) throw std::runtime_error("no candidate is usable: " + words);
  h.timed = int(usable.size());
  h.first_usable = places.front() == 0;
  h.best = places[size_t(watch.fastest(usable) - usable.data())];
  return h;
}

outcome measure(const contest& c, const measure_settings& settings, const std::function<void(int, int)>& progress) {
  outcome o;
  std::vector<lane> lanes;
  double round_seconds = 0, shortest = INFINITY;
  const stopwatch watch(settings, c.cycle);
  const arm* unfused = watch.fastest(c.unfused);
  const arm* bare = watch.fastest(c.bare);
  std::vector<const arm*> entries = {&c.fused, unfused, &c.fused};
  if (bare != nullptr) entries.push_back(bare);
  const size_t first_other = entries.size();
  for (const arm& a : c.others)
    if (a.missing.empty()) entries.push_back(&a);
  for (const arm* a : entries) {
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
  // What it tells first is from before the rounds: of the heats or of another case.
  if (settings.read_gauges) settings.read_gauges();
  for (int round = 0; round < o.rounds; ++round) {
    progress(round, o.rounds);
    for (size_t turn = 0; turn < lanes.size(); ++turn) {
      // Rotated, and every other round backwards, so that no arm always follows the same one.
      const size_t place = (turn + size_t(round)) % lanes.size();
      lane& l = lanes[round % 2 == 0 ? place : lanes.size() - 1 - place];
      l.seconds.push_back(watch.turn(*l.a, o.calls, l.wake_first));
      check(*l.a, unsigned(round) + 1, o);
    }
    if (settings.read_gauges) o.readings.push_back(settings.read_gauges());
  }
  o.compared = compare(lanes[0].seconds, lanes[2].seconds, lanes[1].seconds);
  o.fused = summarize(lanes[0].seconds);
  o.unfused = summarize(lanes[1].seconds);
  o.unfused_name = unfused->name;
  if (bare != nullptr) {
    o.bare = summarize(lanes[3].seconds);
    o.bare_name = bare->name;
  }
  o.bare_missing = c.bare_missing;
  size_t next = first_other;
  for (const arm& a : c.others) {
    o.others.push_back({.name = a.name, .seconds = {}, .ratio = {}, .missing = a.missing});
    if (!a.missing.empty()) continue;
    const std::vector<double>& seconds = lanes[next++].seconds;
    o.others.back().seconds = summarize(seconds);
    o.others.back().ratio = compare(lanes[0].seconds, lanes[2].seconds, seconds).ratio;
  }
  if (throttled(o.readings)) o.compared.result = verdict::cant_tell;
  if (!o.wrong_arm.empty()) o.compared.result = verdict::wrong;
  return o;
}

}  // namespace gemmact_bench

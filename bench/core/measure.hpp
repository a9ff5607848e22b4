// One case: the arms timed round by round, in turn, on the same machine in the same state.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bench/core/gauges.hpp"
#include "bench/core/statistics.hpp"
#include "bench/core/timer.hpp"

namespace gemmact_bench {

struct arm {
  std::string name;
  std::function<void()> call;  // the work that is timed
  // The largest error of a sample of what the last call wrote, divided by its bound: right up to 1. Samples of different
  // seeds are of different elements.
  std::function<double(unsigned seed)> check;
  // Makes what the arm writes wrong, before each turn and outside its time, so that an arm that writes nothing is found.
  std::function<void()> spoil = {};
  std::string missing = {};  // why there is no such arm; it has nothing else then
};

// What competes in one case. Of the candidates the fastest in a short heat runs.
struct contest {
  arm fused;
  std::vector<arm> unfused;       // candidates, at least 1
  std::vector<arm> bare;          // candidates for the product alone; none where the operation has no product
  std::vector<arm> others = {};   // all of them run that are not missing; each has a column of the report
  int cycle = 1;                  // calls after which inputs come again; a turn has a multiple of it
  std::string bare_missing = {};  // why the product alone has no candidates though there is a product
};

// Until the processor's clock has settled.
void call_for_a_second(const arm& a);

struct measure_settings {
  int least_rounds = 20, most_rounds = 60;
  double case_seconds = 2.0;   // rounds are added up to most_rounds while they fit
  double slot_seconds = 2e-3;  // an arm's turn is that long at least: calls are repeated
  timer time = host_timer();   // tests have one with a clock of their own
  // Where there is something to read: what was read since it was last called; before the rounds and after each.
  std::function<gauges()> read_gauges = {};
  std::function<void(const arm&)> preheat = call_for_a_second;  // before the first case
};

struct timed_arm {
  std::string name;
  summary seconds;           // a call
  summary ratio;             // its time / the fused arm's, a round at a time
  std::string missing = {};  // why it did not run; the spreads are 0 then
};

struct outcome {
  comparison compared;
  summary fused, unfused, bare;  // seconds a call; bare.median is 0 where there is none
  std::string unfused_name, bare_name, bare_missing;
  std::vector<timed_arm> others;  // as the contest has them
  int rounds = 0, calls = 0;      // calls a turn
  double worst_error = 0;         // over all arms and rounds, divided by its bound
  std::string wrong_arm;          // the first that was wrong, "" if none
  std::vector<gauges> readings;   // one a round, or none
};

// `progress` is told the round and how many there will be.
outcome measure(const contest& c, const measure_settings& settings, const std::function<void(int, int)>& progress);

// Of more candidates than that only the quickest of single calls have turns in the heat.
inline constexpr size_t most_finalists = 12;

// Of candidates for one task those that can run and are right, and the fastest of them by measure's heat.
struct heat {
  size_t best = 0;
  int timed = 0, refused = 0, wrong = 0;  // refused: the call threw
  bool first_usable = false;              // candidate 0 ran and was right
};
// Throws the last refusal's words where no candidate is left.
heat choose(const std::vector<arm>& candidates, const measure_settings& settings, int cycle = 1);

}  // namespace gemmact_bench

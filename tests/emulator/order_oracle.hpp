// What happens before what, by brute force: a graph of events and the set of all ancestors of each. The slow second opinion
// on the race detector, which keeps vector clocks and forgets what it can.
#pragma once
#include <bitset>
#include <vector>

#include "kernels/emulator/race_detector.hpp"

namespace gemmact::test {

using emulator::access_kind;

class order_oracle {
 public:
  static constexpr size_t most_events = 4096;
  static constexpr int none = -1;

  // An event after the last one of the thread (or of no thread: none) and after the others named.
  int event(int thread, const std::vector<int>& after = {});
  // One event of several threads at once.
  int joint_event(const std::vector<int>& threads);
  void fence(int thread, int space);
  int last_of(int thread) const { return threads_[size_t(thread)]; }
  size_t events() const { return before_.size(); }

  struct access {
    access_kind kind;
    bool async;
    int space;  // 0: shared, 1: global; bytes of different spaces never conflict
    int first, count;
    std::vector<int> issued;  // events that must come after what it conflicts with; none: an event of nothing
    int done;                 // what must come before what conflicts with it
  };
  // True if an earlier access conflicts with it, and nothing orders the two.
  bool races(const access&) const;
  void add(const access&);

 private:
  bool ordered(const access& earlier, const access& later) const;
  std::vector<bool> known_before(const access& later,
                                 int byte) const;  // for each access, as far as it touches the byte

  std::vector<std::bitset<most_events>> before_;  // with itself
  std::vector<int> threads_ = std::vector<int>(1024, none);
  std::vector<int> fences_[2];
  std::vector<access> accesses_;
  std::vector<std::vector<std::vector<bool>>> known_;  // [later][byte][earlier]
};

}  // namespace gemmact::test

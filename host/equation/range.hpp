// Bounds of what expressions may be, by interval arithmetic: for |x| up to f16's largest, operands alike, parameters up
// to 1000. They decide where a guard against overflow is worth an instruction; nothing is proved by them.
#pragma once
#include <vector>

#include "host/equation/forms.hpp"

namespace gemmact::equation {

// Infinite where f32 may overflow, or where nothing is known.
struct interval {
  double low, high;
};

class ranges {
 public:
  ranges(const graph& g, const forms& known) : g_(g), known_(known) {}
  interval of(node_id id);  // of nodes that the graph has by now
  bool can_overflow(node_id id);

 private:
  interval one(const node& n);
  interval call(const node& n);

  const graph& g_;
  const forms& known_;
  std::vector<interval> found_;  // of the graph's first nodes
  std::vector<interval> given_;  // what x and the parameters are, in a formula; empty: the bounds above
  int depth_ = 0;
};

}  // namespace gemmact::equation

// In which order an expression is computed, and of which operations: what its program (program.hpp) and its text
// (struct_text.hpp) have in common.
#pragma once
#include <vector>

#include "host/equation/graph.hpp"

namespace gemmact::equation {

// The same with each power by a constant that products and a square root make: x^5 is (x^2)^2 * x, x^2.5 is x^2 *
// sqrt(x), x^-3 is 1 / (x^2 * x). What is made of that is for computing; to simplify it would undo it.
node_id lowered(graph& g, node_id root);

struct schedule {
  std::vector<node_id> order;  // operations, each once, behind what they are made of
  std::vector<int> uses;       // how often each node is a child, by its number; the root once more
};

// Children that need more registers come first, so that few values wait for others. More operations than max_steps:
// GEMMACT_EQUATION_UNSUPPORTED.
schedule schedule_of(const graph& g, node_id root);

}  // namespace gemmact::equation

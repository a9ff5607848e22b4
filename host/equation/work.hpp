// What a value takes to compute on a GPU, in instructions: what a family's prediction of time asks of a function.
#pragma once
#include "host/equation/graph.hpp"

namespace gemmact::equation {

struct work {
  int special_functions = 0, arithmetic = 0;
};

// Of an expression that is lowered() already.
work work_of(const graph& g, node_id root, gemmact_accuracy mode, core::catalogue functions);

}  // namespace gemmact::equation

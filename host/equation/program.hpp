// An expression as straight-line code for the CPU device.
#pragma once
#include "host/core/made_function.hpp"
#include "host/equation/graph.hpp"

namespace gemmact::equation {

// Of an expression that is lowered() already; x is the program's argument. More registers than max_registers:
// GEMMACT_EQUATION_UNSUPPORTED.
core::program program_of(const graph& g, node_id root);

}  // namespace gemmact::equation

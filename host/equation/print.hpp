// An expression as text that parse() reads back to the same graph, with no parentheses that it does not need. What a
// large expression has several times over becomes a definition behind it: "..., t1 = ...".
#pragma once
#include <span>
#include <string>

#include "host/equation/parse.hpp"

namespace gemmact::equation {

struct printed {
  core::catalogue functions;
  std::span<const parameter_info> parameters;  // for their names
  bool all_parentheses = false;                // around each operation within another, for people
};

std::string print(const graph& g, node_id root, const printed& names);

// With the head where there are parameters: "f(x; beta=1) = ...".
std::string print(const declaration& d, core::catalogue functions, bool all_parentheses = false);

}  // namespace gemmact::equation

// What the CPU device computes of an equation, compared with an oracle: the text itself in double, with dual numbers.
#pragma once
#include <string>
#include <vector>

#include "host/api/command/equation_facts.hpp"
#include "host/equation/dual.hpp"

namespace gemmact::api {

struct checked_quantity {
  std::string name;  // "f", "f' by x", "f' by beta"
  equation::tally found;
};

// f, its derivative by x and by each parameter that has one, at some thousands of points: over [from, to], of all sizes up
// to f16's largest, and special ones. The points are the same at each call.
std::vector<checked_quantity> check_equation(const equation_facts& facts, double from, double to);

}  // namespace gemmact::api

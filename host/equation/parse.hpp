// From an equation's text to its graph.
//
//   right-hand side                                     x * sigmoid(1.7 * x)
//   f(x; beta=1, slope[n]=0.25, t) = right-hand side    parameters: a scalar, one a column, an operand tensor
//   right-hand side, e = exp(x), n = e^2                definitions follow; each may use those before it
//
// A comparison is a condition and no number; conditions join with && || ! and choose with ?:. The functions are those
// of operations.inc and of the catalogue: swish(x, beta=2), and their derivatives swish'(x, beta=2) and swish'beta(x,
// beta=2).
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/equation/graph.hpp"

namespace gemmact::equation {

struct parameter_info {
  std::string name;
  double default_value = 0;  // finite in f32; not of an operand
  bool per_column = false, operand = false;
};

struct declaration {
  std::string name;  // of the head; may be empty
  std::vector<parameter_info> parameters;
  graph nodes;
  node_id root = no_node;
};

// GEMMACT_BAD_ACTIVATION_TEXT with the place and what was expected. `known`: parameters that a text without a head may
// use.
declaration parse(std::string_view text, core::catalogue functions, std::span<const std::string_view> known = {});

// The number that a decimal text says; refused where f32 has no finite number but 0 for it.
double decimal_value(std::string_view text, std::string_view digits);

// A default of the catalogue as it is written: 0.01, not the f32 nearest to it.
double default_of(const gemmact_param_info& p);

}  // namespace gemmact::equation

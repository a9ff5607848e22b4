// An activation struct as text, for GPUs: equal in form to a file of kernels/activation.
#pragma once
#include <string>
#include <vector>

#include "host/equation/graph.hpp"

namespace gemmact::equation {

// What a function is computed by: expressions that are lowered() already, or no_node for what it has not. x stands for the
// argument of each: an output in grad_from_output, in grad_from_bit the bit as a condition.
struct quantities {
  node_id value = no_node, grad = no_node, grad_from_output = no_node, bit = no_node, grad_from_bit = no_node;
  std::array<node_id, max_params> param_grad{no_node, no_node, no_node, no_node};
};

struct struct_text {
  std::string type;                // "equation_" and 16 hexadecimal digits, a hash of the rest
  std::string source;              // to stand within namespace gemmact::activation
  std::vector<std::string> files;  // stems of the catalogue's files that it needs
};

// Nothing of a user's own words is in it. What is used twice is computed once, a choice is between values that are there
// already, and a division is a product with a reciprocal. Of divisors beyond 2^126 that is 0, and of those below 2^-126
// infinity (kernels/arch/math).
struct_text text_of(const graph& g, const quantities& all, int param_count, core::catalogue functions);

}  // namespace gemmact::equation

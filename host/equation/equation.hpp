// An equation worked out: what is computed forward, what backward, what is kept between them, and what was rewritten
// and why.
#pragma once
#include <string>
#include <vector>

#include "host/equation/keeps.hpp"

namespace gemmact::equation {

struct equation {
  declaration text;                  // as it was written; all nodes below are of its graph
  node_id value = no_node;           // in its stable form
  node_id grad = no_node;            // by x
  std::vector<node_id> param_grads;  // by each parameter; no_node for an operand tensor
  std::vector<std::string> notes;    // a sentence for each rewriting
};

// Reads, rewrites and differentiates. GEMMACT_BAD_ACTIVATION_TEXT, GEMMACT_EQUATION_UNSUPPORTED.
equation work_out(std::string_view text, const forms& known);

// The parameters whose gradients are asked for decide it, besides x.
kept what_to_keep(equation& e, std::span<const int> asked_parameters, const forms& known);

}  // namespace gemmact::equation

// The form in which an expression is computed: what f32 would overflow or cancel in is rewritten (stable_forms.inc),
// and what is a function of the catalogue becomes a call of it.
#pragma once
#include <string>
#include <vector>

#include "host/equation/forms.hpp"

namespace gemmact::equation {

// Rewrites to a fixed point, simplifying on the way. Where `notes` is given, a sentence for each of the first 16
// rewritings is added to it, of bounded length, and how many more there are.
node_id stabilise(graph& g, node_id root, const forms& known, std::span<const parameter_info> parameters,
                  std::vector<std::string>* notes);

}  // namespace gemmact::equation

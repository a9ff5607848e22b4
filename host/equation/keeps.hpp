// What backward must have kept for an equation's derivative: the least that is exact.
#pragma once
#include "host/equation/forms.hpp"

namespace gemmact::equation {

// BIT: the derivative is `if_set` where `bit` holds and `if_not` elsewhere; none of the two depends on x. NOTHING, though it
// is written with x: it is `if_set` everywhere.
struct kept {
  gemmact_keep keep = GEMMACT_KEEP_Z;  // NOTHING, BIT, OUTPUT or Z
  node_id bit = no_node, if_set = no_node, if_not = no_node;
  bool output = false;  // the output is enough, too
};

// `value` is an equation's stable form and `grads` the derivatives that are asked for: by x first, then by parameters,
// which need z unless they do not depend on x. The output is enough where the value is one function of the catalogue, of
// x, that has a rule for it.
kept what_to_keep(graph& g, node_id value, std::span<const node_id> grads, core::catalogue functions);

}  // namespace gemmact::equation

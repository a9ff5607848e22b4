#pragma once
#include "host/equation/forms.hpp"

namespace gemmact::equation {

// Is an expression 0 at x = 0 whatever finite values its parameters have? False, too, where that is not easily seen.
bool is_zero_at_zero(const graph& g, node_id root, const forms& known);

}  // namespace gemmact::equation

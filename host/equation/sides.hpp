// Where kinks meet. Each alone has its convention (differentiate.hpp), and of several at one x the conventions may add up to
// what the derivative is on no side: max(x, 0) + log1p(exp(-abs(x))) is softplus, whose derivative at 0 is 0.5, and of
// max(x, 0) and abs(x) it is 0 there by convention, which adds up to 0.
#pragma once
#include "host/equation/forms.hpp"

namespace gemmact::equation {

// The derivative of a value, which at such an x is what it is at the left of it, if the value is continuous there. What lies
// between both sides stays, as relu's 0 at 0 does, and what is not finite there. Seen are up to four such x: 0, and where
// what is compared is a straight line in x. That the derivative lies elsewhere is found by computing it in double for some
// values of the parameters.
node_id from_a_side(graph& g, node_id value, node_id derivative, const forms& known);

}  // namespace gemmact::equation

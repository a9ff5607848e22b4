// The derivative of an expression, symbolically, in the same graph, sharing what both have in common.
//
// Conventions, where mathematics leaves a choice:
//   max(a, b), min(a, b)      at a tie the derivative of a constant, else of the operand without x, else of the
//                             first; so max(x, 0)' is 0 at 0
//   clamp(x, lo, hi)          at both ends the end's derivative, 0 of constants
//   abs(x)                    0 at 0
//   sign(x), a comparison     0 everywhere
//   c ? a : b                 c ? a' : b', whatever side c takes where it changes
//   a ^ b                     by b: 0 where a is 0 and b positive
//   a call                    the catalogue's hand-written derivative
// What several of these add up to at one x is another's matter (sides.hpp). NaN passes on the derivative of the operand that
// depends on x, as max(x, 0) does of relu. A derivative that is 0 on a side of a choice is chosen and not multiplied by, so
// that it is 0 there whatever it is multiplied with.
#pragma once
#include "host/equation/forms.hpp"

namespace gemmact::equation {

inline constexpr int by_x = -1;

// By x, or by the parameter of that number.
node_id differentiate(graph& g, node_id root, int by, const forms& known);

// Is an expression choices and arithmetic alone (operations.inc up to clamp), with divisors and powers that are
// constants?
bool is_plain(const graph& g, node_id root);

}  // namespace gemmact::equation

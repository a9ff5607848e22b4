// Rewriting that leaves an expression's value alone, to a fixed point.
//
// Any node may be NaN, infinite, zero of either sign or subnormal, so x * 0, x - x and x / x stay. What may change: the
// sign of a zero (x + 0 is x), the rounding of constants (folded in double, rounded once; a * (b * x) is (a * b) * x, a
// * (1 / x) is a / x), x^0.5 becomes sqrt(x), which at -inf is NaN, x^-0.5 rsqrt(x), which at -0 is -inf, and exp(x)^n
// exp(n * x). Products of equals become whole powers, up to 16; these are meant to be computed as products.
#pragma once
#include "host/equation/graph.hpp"

namespace gemmact::equation {

inline constexpr int largest_whole_power = 16;

// One node made of children that are simple already. The rules below look at it and its children.
node_id simple_node(graph& g, const node& pattern, std::span<const node_id> children);
inline node_id simple_node(graph& g, op operation, std::initializer_list<node_id> children) {
  node n;
  n.operation = operation;
  return simple_node(g, n, std::span(children.begin(), children.size()));
}

node_id simplify(graph& g, node_id root);

// What an operation says of constants, in double.
double fold(op operation, std::span<const double> values);

}  // namespace gemmact::equation

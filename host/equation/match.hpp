// Finds an expression in another: a pattern in x (any expression) and parameters (expressions without x), as a product
// of factors in any order, a sum of terms in any order, or a function. "x * sigmoid(beta * x)" is found in "3 * x *
// sigmoid(x)" with beta = 1, and 3 is left over.
#pragma once
#include <cmath>
#include <optional>
#include <vector>

#include "host/equation/graph.hpp"

namespace gemmact::equation {

// What is taken apart as a product, or as a sum.
inline bool is_product(op o) { return o == op::multiply || o == op::divide || o == op::negate || o == op::power; }
inline bool is_sum(op o) { return o == op::add || o == op::subtract; }

struct pattern {
  const graph* nodes = nullptr;
  node_id root = no_node;
  bool any_parameter = false;                   // parameters stand for any expression
  std::array<bool, max_params> only_operand{};  // of the catalogue's function: stands for an operand alone
};

// A number beside which what may overflow itself can stand alone: neither is what is finite made infinite, nor what is
// much larger than 0 made 0.
inline bool is_lone_coefficient(double c) { return std::abs(c) >= 1 && std::abs(c) <= 16; }

// A product as powers of factors, a sum as signed terms; what is neither is one factor or term. A base above the line and
// below it is two factors, and a power of a product is one: x / x is not 1, nor (a / b)^8 a^8 / b^8.
struct factor {
  node_id base;
  int exponent;
};
struct product_view {
  double coefficient = 1;
  std::vector<factor> factors;
};
struct term {
  node_id of;
  int sign;
};
struct sum_view {
  double constant = 0;
  std::vector<term> terms;
};
product_view product_of(const graph& g, node_id id);
sum_view sum_of(const graph& g, node_id id);
node_id build(graph& g, const product_view& product);
node_id build(graph& g, const sum_view& sum);

// The product `id` with those of its factors alone that `left` has, in the order in which it multiplies them, so that
// nothing overflows that did not before. `instead`, where given, stands for those that are gone, and is in size no more
// than a factor above the line among them, or than 1. no_node where that order forbids it: x * y * sigmoid(x) is not y *
// swish(x), as y may be infinite where x * y is, and swish(x) 0.
node_id remainder_of(graph& g, node_id id, const product_view& left, node_id instead = no_node);

struct found {
  node_id x = no_node;
  std::array<node_id, max_params> parameters{no_node, no_node, no_node, no_node};
  product_view times;  // left over, where the pattern is a product
  sum_view plus;       // left over, where it is a sum
};

// `operands`: which of the target's parameters are operands.
std::optional<found> find(const pattern& p, graph& target, node_id at, const std::vector<bool>& operands);

}  // namespace gemmact::equation

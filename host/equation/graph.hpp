// An expression as a graph: nodes that never change, each different one once (hash-consing), children before parents.
//
// What a node means, in f32 (a constant is a double, so that oracles can be exact, and f32 rounds it once):
//   * a comparison with NaN is false, != of NaN is true; min, max, clamp, abs and sign of NaN are NaN
//   * clamp(x, lo, hi) is x < lo ? lo : x > hi ? hi : x; sign(0) is 0
//   * a ^ b is C's pow: 1 for b = 0, NaN for a < 0 unless b is an integer (-inf ^ 1.5 and other powers that a square
//     root makes are NaN, too, and -0 ^ -0.5 is -inf)
//   * a call is a function of the catalogue, or its derivative by x or by a parameter, of any argument
// Two sums, or products, of the same operands in another order are one node, since f32 makes no difference; a constant
// factor is the first child.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "host/core/activation_info.hpp"
#include "host/core/operations.hpp"
#include "host/equation/limits.hpp"

namespace gemmact::equation {

using core::op, core::part;

enum class kind : uint8_t { number, condition };

struct operation_row {
  op operation;
  std::string_view spelling;
  int children;
  kind takes, gives;
  bool is_function;  // spelt as a call
};

// The row of an operation: none for constant, variable, parameter and call.
const operation_row& row_of(op operation);
std::span<const operation_row> operation_rows();

using node_id = int32_t;
inline constexpr int max_children = 1 + max_params;
inline constexpr node_id no_node = -1;

struct node {
  op operation = op::constant;
  part quantity = part::value;  // of a call
  int16_t by = 0;               // of a param_grad: the function's parameter
  int16_t index = 0;            // parameter: of the declaration; call: of the catalogue
  int16_t count = 0;            // children
  std::array<node_id, max_children> child{};
  double value = 0;     // of a constant; infinity only where the text says inf, NaN never
  bool has_x = false;   // depends on x
  bool varies = false;  // depends on x or a parameter

  std::span<const node_id> children() const { return {child.data(), static_cast<size_t>(count)}; }
};

// Is it a comparison, or made of comparisons?
inline bool is_condition(const node& n) {
  return n.operation > op::call && row_of(n.operation).gives == kind::condition;
}

class graph {
 public:
  explicit graph(int limit = max_derived_nodes) : limit_(limit) {}

  // Each returns the node that there is already, or a new one; GEMMACT_EQUATION_UNSUPPORTED past the limit. -c of a
  // constant is a constant.
  node_id constant(double value);
  node_id variable();
  node_id parameter(int index);
  node_id make(op operation, std::span<const node_id> children);
  node_id make(op operation, std::initializer_list<node_id> children) {
    return make(operation, std::span(children.begin(), children.size()));
  }
  node_id call(int function, part quantity, int by, std::span<const node_id> children);
  // A node like `pattern` with these children.
  node_id like(const node& pattern, std::span<const node_id> children);

  // Stays where it is when the graph grows.
  const node& operator[](node_id id) const { return nodes_[static_cast<size_t>(id)]; }
  node_id size() const { return static_cast<node_id>(nodes_.size()); }
  void set_limit(int limit) { limit_ = limit; }

  bool is_constant(node_id id, double value) const {
    const node& n = (*this)[id];
    return n.operation == op::constant && n.value == value;
  }

 private:
  node_id add(node n);
  void grow();

  int limit_;
  std::deque<node> nodes_;
  std::vector<node_id> table_;  // open addressing, a power of two
};

// The nodes that `roots` are made of, children before parents.
std::vector<node_id> reachable(const graph& g, std::span<const node_id> roots);
inline std::vector<node_id> reachable(const graph& g, node_id root) { return reachable(g, std::span(&root, 1)); }

// An expression made anew, children first: make(node, its new children) answers with each node's successor.
template <class Make>
node_id rebuilt(const graph& from, node_id root, const Make& make) {
  std::vector<node_id> made(static_cast<size_t>(root) + 1, no_node);
  for (const node_id id : reachable(from, root)) {
    const node& n = from[id];
    std::array<node_id, max_children> children{};
    for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) children[i] = made[static_cast<size_t>(n.child[i])];
    made[static_cast<size_t>(id)] = make(n, std::span<const node_id>(children.data(), static_cast<size_t>(n.count)));
  }
  return made[static_cast<size_t>(root)];
}

// A copy of an expression of one graph in another (or the same), with x and the parameters replaced.
node_id transplant(const graph& from, node_id root, graph& into, node_id x, std::span<const node_id> parameters);

}  // namespace gemmact::equation

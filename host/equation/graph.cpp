#include "host/equation/graph.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

#include "host/core/status.hpp"

namespace gemmact::equation {
namespace {

constexpr operation_row rows[] = {
#define GEMMACT_OPERATOR(name, spelling, children, takes, gives) \
  {op::name, spelling, children, kind::takes, kind::gives, false},
#define GEMMACT_FUNCTION(name, children) {op::name, #name, children, kind::number, kind::number, true},
#include "host/core/operations.inc"
#undef GEMMACT_OPERATOR
#undef GEMMACT_FUNCTION
};

bool commutes(op operation) { return operation == op::add || operation == op::multiply; }

uint64_t mixed(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

uint64_t hash_of(const node& n) {
  uint64_t hash = mixed(uint64_t(n.operation) | uint64_t(n.quantity) << 8 | uint64_t(uint16_t(n.by)) << 16 |
                            uint64_t(uint16_t(n.index)) << 32 | uint64_t(uint16_t(n.count)) << 48,
                        std::bit_cast<uint64_t>(n.value));
  if (commutes(n.operation)) {
    const auto [low, high] = std::minmax(n.child[0], n.child[1]);
    return mixed(mixed(hash, uint64_t(low)), uint64_t(high));
  }
  for (const node_id c : n.children()) hash = mixed(hash, uint64_t(c));
  return hash;
}

bool same(const node& a, const node& b) {
  if (a.operation != b.operation || a.quantity != b.quantity || a.by != b.by || a.index != b.index ||
      a.count != b.count || std::bit_cast<uint64_t>(a.value) != std::bit_cast<uint64_t>(b.value))
    return false;
  if (commutes(a.operation) && a.child[0] == b.child[1] && a.child[1] == b.child[0]) return true;
  return std::equal(a.children().begin(), a.children().end(), b.children().begin());
}

}  // namespace

const operation_row& row_of(op operation) { return rows[static_cast<int>(operation) - static_cast<int>(op::call) - 1]; }
std::span<const operation_row> operation_rows() { return rows; }

void graph::grow() {
  std::vector<node_id> larger(std::max<size_t>(64, 2 * table_.size()), no_node);
  for (node_id id = 0; id < size(); ++id) {
    size_t at = hash_of((*this)[id]) & (larger.size() - 1);
    while (larger[at] != no_node) at = (at + 1) & (larger.size() - 1);
    larger[at] = id;
  }
  table_ = std::move(larger);
}

node_id graph::add(node n) {
  for (const node_id c : n.children()) {
    n.has_x |= (*this)[c].has_x;
    n.varies |= (*this)[c].varies;
  }
  if (2 * (nodes_.size() + 1) > table_.size()) grow();
  size_t at = hash_of(n) & (table_.size() - 1);
  for (; table_[at] != no_node; at = (at + 1) & (table_.size() - 1))
    if (same((*this)[table_[at]], n)) return table_[at];
  if (size() >= limit_)
    core::fail(GEMMACT_EQUATION_UNSUPPORTED, "the equation, or its derivative, has more than {} operations", limit_);
  table_[at] = size();
  nodes_.push_back(n);
  return table_[at];
}

node_id graph::constant(double value) {
  node n;
  n.value = value;
  return add(n);
}

node_id graph::variable() {
  node n;
  n.operation = op::variable;
  n.has_x = n.varies = true;
  return add(n);
}

node_id graph::parameter(int index) {
  node n;
  n.operation = op::parameter;
  n.index = static_cast<int16_t>(index);
  n.varies = true;
  return add(n);
}

node_id graph::make(op operation, std::span<const node_id> children) {
  node n;
  n.operation = operation;
  return like(n, children);
}

node_id graph::call(int function, part quantity, int by, std::span<const node_id> children) {
  node n;
  n.operation = op::call;
  n.quantity = quantity;
  n.by = static_cast<int16_t>(by);
  n.index = static_cast<int16_t>(function);
  return like(n, children);
}

node_id graph::like(const node& pattern, std::span<const node_id> children) {
  if (pattern.operation == op::negate && (*this)[children[0]].operation == op::constant)
    return constant(-(*this)[children[0]].value);
  node n = pattern;
  n.count = static_cast<int16_t>(children.size());
  n.child = {};
  std::copy(children.begin(), children.end(), n.child.begin());
  const auto constant_at = [&](size_t i) { return (*this)[n.child[i]].operation == op::constant; };
  if (n.operation == op::multiply && constant_at(1) && !constant_at(0)) std::swap(n.child[0], n.child[1]);
  if (n.count != 0) n.has_x = n.varies = false;  // its children's
  return add(n);
}

std::vector<node_id> reachable(const graph& g, std::span<const node_id> roots) {
  if (roots.empty()) return {};
  std::vector<bool> marked(static_cast<size_t>(*std::max_element(roots.begin(), roots.end())) + 1);
  for (const node_id root : roots) marked[static_cast<size_t>(root)] = true;
  std::vector<node_id> found;
  for (size_t id = marked.size(); id-- > 0;) {
    if (!marked[id]) continue;
    found.push_back(static_cast<node_id>(id));
    for (const node_id c : g[found.back()].children()) marked[static_cast<size_t>(c)] = true;
  }
  std::reverse(found.begin(), found.end());
  return found;
}

node_id transplant(const graph& from, node_id root, graph& into, node_id x, std::span<const node_id> parameters) {
  return rebuilt(from, root, [&](const node& n, std::span<const node_id> children) {
    if (n.operation == op::variable) return x;
    return n.operation == op::parameter ? parameters[static_cast<size_t>(n.index)] : into.like(n, children);
  });
}

}  // namespace gemmact::equation

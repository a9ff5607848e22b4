#include "host/equation/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "host/core/status.hpp"
#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

node_id whole_power(graph& g, node_id base, int n) {
  if (n == 1) return base;
  const node_id half = whole_power(g, base, n % 2 == 0 ? n / 2 : n - 1);
  return g.make(op::multiply, {half, n % 2 == 0 ? half : base});
}

// No node where it takes more than products, a square root and a division.
node_id power(graph& g, node_id base, double exponent) {
  const double size = std::abs(exponent), whole = std::floor(size);
  if ((size != whole && size != whole + 0.5) || size < 1 || size > largest_whole_power) return no_node;
  node_id made = whole_power(g, base, static_cast<int>(whole));
  if (size != whole) made = g.make(op::multiply, {made, g.make(op::sqrt, {base})});
  return exponent > 0 ? made : g.make(op::divide, {g.constant(1), made});
}

// How many registers a node's value takes to compute, if nothing were shared (Sethi and Ullman).
std::vector<int> needs_of(const graph& g, const std::vector<node_id>& nodes) {
  std::vector<int> needs(static_cast<size_t>(nodes.back()) + 1);
  for (const node_id id : nodes) {
    std::array<int, max_children> of{};
    const node& n = g[id];
    for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) of[i] = needs[static_cast<size_t>(n.child[i])];
    std::stable_sort(of.begin(), of.end(), std::greater<>());
    int most = n.count == 0 ? 0 : 1;
    for (int i = 0; i < n.count; ++i) most = std::max(most, of[static_cast<size_t>(i)] + i);
    needs[static_cast<size_t>(id)] = most;
  }
  return needs;
}

}  // namespace

node_id lowered(graph& g, node_id root) {
  return rebuilt(g, root, [&](const node& n, std::span<const node_id> children) {
    if (n.operation == op::power && g[children[1]].operation == op::constant)
      if (const node_id made = power(g, children[0], g[children[1]].value); made != no_node) return made;
    return g.like(n, children);
  });
}

schedule schedule_of(const graph& g, node_id root) {
  const std::vector<node_id> nodes = reachable(g, root);
  const std::vector<int> needs = needs_of(g, nodes);
  schedule s;
  s.uses.resize(needs.size());
  for (const node_id id : nodes)
    for (const node_id c : g[id].children()) ++s.uses[static_cast<size_t>(c)];
  ++s.uses[static_cast<size_t>(root)];

  std::vector<bool> seen(needs.size());
  std::vector<std::pair<node_id, bool>> open = {{root, false}};  // a node, and whether its children are done
  while (!open.empty()) {
    const auto [id, ready] = open.back();
    open.pop_back();
    if (ready) s.order.push_back(id);
    if (ready || seen[static_cast<size_t>(id)]) continue;
    seen[static_cast<size_t>(id)] = true;
    const node& n = g[id];
    if (n.count == 0) continue;
    open.emplace_back(id, true);
    std::array<node_id, max_children> first = n.child;
    std::stable_sort(first.begin(), first.begin() + n.count, [&](node_id a, node_id b) {
      return needs[static_cast<size_t>(a)] > needs[static_cast<size_t>(b)];
    });
    for (int i = n.count; i-- > 0;) open.emplace_back(first[static_cast<size_t>(i)], false);
  }
  if (s.order.size() > max_steps)
    core::fail(GEMMACT_EQUATION_UNSUPPORTED, "the equation, or its derivative, takes {} operations, and {} is the most",
               s.order.size(), max_steps);
  return s;
}

}  // namespace gemmact::equation

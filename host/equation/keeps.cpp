#include "host/equation/keeps.hpp"

#include <optional>

#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

// An expression that is `yes` where the condition holds and `no` elsewhere; without a condition it is `yes` everywhere.
struct two_values {
  node_id condition = no_node, yes = no_node, no = no_node;
};

class analysis {
 public:
  explicit analysis(graph& g) : g_(g) {}

  std::optional<two_values> of(node_id root) {
    std::vector<std::optional<two_values>> of_node(static_cast<size_t>(root) + 1);
    for (const node_id id : reachable(g_, root)) {
      const node& n = g_[id];
      std::optional<two_values>& now = of_node[static_cast<size_t>(id)];
      if (!n.has_x) {
        now = two_values{no_node, id, id};
      } else if (n.operation == op::choose) {
        const auto &yes = of_node[static_cast<size_t>(n.child[1])], &no = of_node[static_cast<size_t>(n.child[2])];
        if (yes && no) now = chosen(n.child[0], *yes, *no);
      } else if (n.operation != op::variable && !is_condition(n)) {
        now = mapped(n, of_node);
      }
    }
    return of_node[static_cast<size_t>(root)];
  }

 private:
  node_id deny(node_id c) { return simple_node(g_, op::deny, {c}); }

  // c ? a : b, where the two have at most two different values.
  std::optional<two_values> chosen(node_id c, const two_values& a, const two_values& b) {
    const node_id yes = a.yes;
    node_id no = no_node;
    for (const node_id v : {a.no, b.yes, b.no}) {
      if (v == yes || v == no) continue;
      if (no != no_node) return std::nullopt;
      no = v;
    }
    if (no == no_node) return two_values{no_node, yes, yes};
    // Where each of the two is `yes`: everywhere, nowhere, or on one side of its condition.
    const auto is_yes = [&](const two_values& v) { return std::pair(v.yes == yes, v.no == yes); };
    const auto [a_first, a_second] = is_yes(a);
    const auto [b_first, b_second] = is_yes(b);
    node_id in_a = a_first && a_second ? c : both(c, a_first ? a.condition : deny(a.condition));
    if (!b_first && !b_second) return two_values{in_a, yes, no};
    const node_id in_b = b_first && b_second ? deny(c) : both(deny(c), b_first ? b.condition : deny(b.condition));
    return two_values{simple_node(g_, op::either, {in_a, in_b}), yes, no};
  }
  node_id both(node_id a, node_id b) { return simple_node(g_, op::both, {a, b}); }

  // An operation of constants and of expressions that share one condition.
  std::optional<two_values> mapped(const node& n, const std::vector<std::optional<two_values>>& of_node) {
    std::array<node_id, max_children> yes{}, no{};
    node_id condition = no_node;
    for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) {
      const auto& child = of_node[static_cast<size_t>(n.child[i])];
      if (!child) return std::nullopt;
      if (child->condition != no_node && condition != no_node && child->condition != condition) return std::nullopt;
      if (child->condition != no_node) condition = child->condition;
      yes[i] = child->yes;
      no[i] = child->no;
    }
    const auto count = static_cast<size_t>(n.count);
    return two_values{condition, simple_node(g_, n, std::span(yes.data(), count)),
                      simple_node(g_, n, std::span(no.data(), count))};
  }

  graph& g_;
};

bool output_serves(const graph& g, node_id value, core::catalogue functions) {
  const node& n = g[value];
  if (n.operation != op::call || n.quantity != part::value || g[n.child[0]].operation != op::variable) return false;
  const core::activation_info& info = functions[static_cast<size_t>(n.index)];
  if (!info.has_grad_from_output) return false;
  if (info.output_determines_grad == nullptr) return true;
  core::param_values values{};
  for (size_t i = 0; i < static_cast<size_t>(info.param_count); ++i) {
    const node& p = g[n.child[1 + i]];
    if (p.operation != op::constant) return false;
    values[i] = static_cast<float>(p.value);
  }
  return info.output_determines_grad(values.data());
}

}  // namespace

kept what_to_keep(graph& g, node_id value, std::span<const node_id> grads, core::catalogue functions) {
  kept all;
  for (const node_id by_parameter : grads.subspan(1))
    if (g[by_parameter].has_x) return all;
  all.output = output_serves(g, value, functions);
  if (!g[grads[0]].has_x) {
    all.keep = GEMMACT_KEEP_NOTHING;
  } else if (const auto two = analysis(g).of(grads[0])) {
    all.keep = two->condition == no_node ? GEMMACT_KEEP_NOTHING : GEMMACT_KEEP_BIT;
    all.bit = two->condition, all.if_set = two->yes, all.if_not = two->no;
  } else if (all.output && functions[static_cast<size_t>(g[value].index)].needs == GEMMACT_KEEP_OUTPUT) {
    all.keep = GEMMACT_KEEP_OUTPUT;
  }
  return all;
}

}  // namespace gemmact::equation

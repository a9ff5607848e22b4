// Products and sums taken apart, and put together again.
#include <algorithm>
#include <cmath>

#include "host/equation/match.hpp"
#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

constexpr int most_parts = 64;  // visited; what has more stays whole

bool whole_exponent(const graph& g, node_id id) {
  const node& n = g[id];
  return n.operation == op::constant && n.value == std::floor(n.value) && std::abs(n.value) <= largest_whole_power;
}

bool is_number(const node& n) { return n.operation == op::constant && n.value != 0 && std::isfinite(n.value); }

// A whole power of what is no product.
bool is_factors_power(const graph& g, const node& n) {
  return n.operation == op::power && whole_exponent(g, n.child[1]) && !is_product(g[n.child[0]].operation);
}

void multiply_by(product_view& view, node_id base, int exponent) {
  for (size_t i = 0; i < view.factors.size(); ++i) {
    if (view.factors[i].base != base || (view.factors[i].exponent > 0) != (exponent > 0)) continue;
    view.factors[i].exponent += exponent;
    return;
  }
  view.factors.push_back({base, exponent});
}

node_id raised(graph& g, node_id base, int exponent) {
  return exponent == 1 ? base : simple_node(g, op::power, {base, g.constant(exponent)});
}

class remainder {
 public:
  remainder(graph& g, node_id id, const product_view& left, node_id instead)
      : g_(g), id_(id), left_(left), instead_(instead), taken_(product_of(g, id)) {
    is_one_factor_ = taken_.factors.size() == 1 && taken_.factors[0].base == id;
    keeps_numbers_ = taken_.coefficient == left.coefficient;
    for (factor& f : taken_.factors) {
      const auto stays = std::find_if(left.factors.begin(), left.factors.end(), [&](const factor& l) {
        return l.base == f.base && (l.exponent > 0) == (f.exponent > 0);
      });
      if (stays != left.factors.end()) f.exponent -= stays->exponent;
    }
  }

  node_id made() {
    node_id now = is_one_factor_ ? leaf(id_, id_, 1, 1) : of(id_, 1);
    if (refused_ || divisor_waits_) return no_node;
    if (keeps_numbers_) return now == no_node ? g_.constant(1) : now;
    const double size = std::abs(left_.coefficient);
    if (now == no_node) return g_.constant(left_.coefficient);
    return size < 0x1p-64 || size > 0x1p64 ? no_node : product(g_.constant(left_.coefficient), now);
  }

 private:
  // What is left of a part, above the line (side 1) or below it (-1); no_node where nothing is.
  node_id of(node_id id, int side) {
    const node n = g_[id];
    if (n.operation == op::multiply) {
      const node_id a = of(n.child[0], side);
      return product(a, of(n.child[1], side));
    }
    if (n.operation == op::divide) {
      node_id above = of(n.child[0], side);
      const node_id below = of(n.child[1], -side);
      if (divisor_waits_ && side > 0) {
        above = product(above, instead_);
        divisor_waits_ = false;
      }
      if (below == no_node) return above;
      return simple_node(g_, op::divide, {above == no_node ? g_.constant(1) : above, below});
    }
    if (n.operation == op::negate) {
      const node_id inner = of(n.child[0], side);
      if (!keeps_numbers_) return inner;
      return inner == no_node ? g_.constant(-1) : simple_node(g_, op::negate, {inner});
    }
    if (is_number(n)) return keeps_numbers_ ? id : no_node;
    if (is_factors_power(g_, n)) {
      const int exponent = static_cast<int>(g_[n.child[1]].value);
      return leaf(id, n.child[0], std::abs(exponent), exponent < 0 ? -side : side);
    }
    return leaf(id, id, 1, side);
  }

  node_id leaf(node_id id, node_id base, int exponent, int side) {
    const int taken = take(base, exponent, side);
    if (taken == 0) {
      passed_ |= is_placed_ && g_[base].has_x;
      return id;
    }
    node_id now = taken == exponent ? no_node : raised(g_, base, exponent - taken);
    if (instead_ == no_node) return now;
    if (!is_placed_) {
      is_placed_ = true;
      is_above_ = side > 0;
      divisor_waits_ = side < 0;
      if (side > 0) now = product(now, instead_);
    } else if (passed_ && !(is_above_ && side < 0)) {
      refused_ = true;
    }
    passed_ |= taken != exponent;
    return now;
  }

  int take(node_id base, int most, int side) {
    for (factor& f : taken_.factors) {
      if (f.base != base || f.exponent * side <= 0) continue;
      const int taken = std::min(most, std::abs(f.exponent));
      f.exponent -= side * taken;
      return taken;
    }
    return 0;
  }

  node_id product(node_id a, node_id b) {
    if (a == no_node || b == no_node) return a == no_node ? b : a;
    return simple_node(g_, op::multiply, {a, b});
  }

  graph& g_;
  node_id id_;
  const product_view& left_;
  node_id instead_;
  product_view taken_;
  bool is_one_factor_ = false, keeps_numbers_ = false;
  bool is_placed_ = false, is_above_ = false;  // where the first that is taken is, instead_ goes
  bool divisor_waits_ = false;                 // it is a divisor: what is divided by it is multiplied
  bool passed_ = false;                        // something stays that comes after it
  bool refused_ = false;
};

}  // namespace

product_view product_of(const graph& g, node_id id) {
  product_view view;
  std::vector<factor> open = {{id, 1}};
  for (int visited = 0; !open.empty(); ++visited) {
    const factor f = open.back();
    open.pop_back();
    const node& n = g[f.base];
    if (visited > most_parts) return {1, {{id, 1}}};
    if (n.operation == op::multiply || n.operation == op::divide) {
      open.push_back({n.child[1], n.operation == op::multiply ? f.exponent : -f.exponent});
      open.push_back({n.child[0], f.exponent});
    } else if (n.operation == op::negate) {
      open.push_back({n.child[0], f.exponent});
      if (f.exponent % 2 != 0) view.coefficient = -view.coefficient;
    } else if (is_factors_power(g, n)) {
      open.push_back({n.child[0], f.exponent * static_cast<int>(g[n.child[1]].value)});
    } else if (is_number(n)) {
      view.coefficient *= std::pow(n.value, f.exponent);
    } else if (std::abs(f.exponent) > most_parts) {
      return {1, {{id, 1}}};
    } else {
      multiply_by(view, f.base, f.exponent);
    }
  }
  if (view.coefficient == 0 || !std::isfinite(view.coefficient)) return {1, {{id, 1}}};
  return view;
}

sum_view sum_of(const graph& g, node_id id) {
  sum_view view;
  std::vector<term> open = {{id, 1}};
  for (int visited = 0; !open.empty(); ++visited) {
    const term t = open.back();
    open.pop_back();
    const node& n = g[t.of];
    if (visited > most_parts) return {0, {{id, 1}}};
    if (n.operation == op::add || n.operation == op::subtract) {
      open.push_back({n.child[1], n.operation == op::add ? t.sign : -t.sign});
      open.push_back({n.child[0], t.sign});
    } else if (n.operation == op::negate) {
      open.push_back({n.child[0], -t.sign});
    } else if (n.operation == op::constant && std::isfinite(n.value)) {
      view.constant += t.sign * n.value;
    } else {
      view.terms.push_back(t);
    }
  }
  return view;
}

node_id build(graph& g, const product_view& product) {
  node_id above = g.constant(product.coefficient);
  for (const factor& f : product.factors)
    if (f.exponent > 0) above = simple_node(g, op::multiply, {above, raised(g, f.base, f.exponent)});
  for (const factor& f : product.factors)
    if (f.exponent < 0) above = simple_node(g, op::divide, {above, raised(g, f.base, -f.exponent)});
  return above;
}

node_id remainder_of(graph& g, node_id id, const product_view& left, node_id instead) {
  return remainder(g, id, left, instead).made();
}

node_id build(graph& g, const sum_view& sum) {
  node_id all = g.constant(sum.constant);
  for (const term& t : sum.terms) all = simple_node(g, t.sign > 0 ? op::add : op::subtract, {all, t.of});
  return all;
}

}  // namespace gemmact::equation

#include "host/equation/differentiate.hpp"

#include <algorithm>
#include <map>
#include <numbers>
#include <utility>

#include "host/core/status.hpp"
#include "host/equation/range.hpp"
#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

class derivation {
 public:
  derivation(graph& g, int by, const forms& known)
      : g_(g), by_(by), known_(known), zero_(g.constant(0)), ranges_(g, known) {}

  node_id of(node_id root) {
    of_.assign(static_cast<size_t>(root) + 1, zero_);
    for (const node_id id : reachable(g_, root)) {
      const node& n = g_[id];
      of_[static_cast<size_t>(id)] = one(id, n);
    }
    return of_[static_cast<size_t>(root)];
  }

 private:
  node_id make(op operation, std::initializer_list<node_id> children) { return simple_node(g_, operation, children); }
  node_id number(double v) { return g_.constant(v); }
  node_id d(node_id id) const { return of_[static_cast<size_t>(id)]; }

  // Is there a 0 on some side of the choices that an expression begins with?
  bool chooses_zero(node_id id) {
    const node n = g_[id];
    if (n.operation != op::choose) return false;
    if (const auto known = chooses_zero_.find(id); known != chooses_zero_.end()) return known->second;
    bool zero = false;
    for (const node_id side : {n.child[1], n.child[2]}) zero |= side == zero_ || chooses_zero(side);
    return chooses_zero_[id] = zero;
  }

  // Where choices say 0, and what they say elsewhere. Of what is 0 nowhere `where` is no_node.
  struct zeros {
    node_id where = no_node, elsewhere = no_node;
  };
  zeros zeros_of(node_id id) {
    if (!chooses_zero(id)) return {no_node, id};
    if (const auto known = zeros_.find(id); known != zeros_.end()) return known->second;
    const node n = g_[id];
    const node_id c = n.child[0], not_c = make(op::deny, {c});
    const auto also = [&](node_id a, node_id b) { return b == no_node ? a : make(op::either, {a, b}); };
    const zeros yes = zeros_of(n.child[1]), no = zeros_of(n.child[2]);
    zeros all;
    if (n.child[1] == zero_) all = {also(c, no.where), no.elsewhere};
    else if (n.child[2] == zero_) all = {also(not_c, yes.where), yes.elsewhere};
    else all = {within(c, yes.where, not_c, no.where), make(op::choose, {c, yes.elsewhere, no.elsewhere})};
    return zeros_[id] = all;
  }
  node_id within(node_id c, node_id first, node_id not_c, node_id second) {
    const node_id a = first == no_node ? no_node : make(op::both, {c, first});
    const node_id b = second == no_node ? no_node : make(op::both, {not_c, second});
    return a == no_node || b == no_node ? std::max(a, b) : make(op::either, {a, b});
  }

  // a * b, and a / b, for derivatives a: 0 where a is chosen to be 0, whatever b is there. The other sides
  // are multiplied as one: of choices in choices each would have a b of its own, and so many there are ways through them.
  node_id scaled(op operation, node_id a, node_id b) {
    if (a == zero_) return zero_;
    if (!chooses_zero(a))
      return operation == op::multiply && chooses_zero(b) ? scaled(operation, b, a) : make(operation, {a, b});
    const auto key = std::pair(std::pair(operation, a), b);
    if (const auto known = scaled_.find(key); known != scaled_.end()) return known->second;
    if (g_[b].has_x) {
      const zeros of_a = zeros_of(a);
      return scaled_[key] = make(op::choose, {of_a.where, zero_, scaled(operation, of_a.elsewhere, b)});
    }
    const node n = g_[a];
    const node_id yes = scaled(operation, n.child[1], b), no = scaled(operation, n.child[2], b);
    return scaled_[key] = make(op::choose, {n.child[0], yes, no});
  }
  node_id times(node_id outer, node_id inner) {
    return outer == zero_ || inner == zero_ ? zero_ : scaled(op::multiply, outer, inner);
  }
  // outer * inner where outer falls off as exponentials do: beside an inner that overflows, its 0 counts. (Of exp(u) *
  // exp(v) alone exp(u + v) is made later.)
  node_id falling(node_id outer, node_id inner) {
    if (outer == zero_ || inner == zero_) return zero_;
    if (g_[outer].operation == op::choose && ranges_.can_overflow(inner)) {
      const node n = g_[outer];
      return make(op::choose, {n.child[0], falling(n.child[1], inner), falling(n.child[2], inner)});
    }
    const node_id product = times(outer, inner);
    if (!g_[outer].has_x || !ranges_.can_overflow(inner) || is_one_exponential(outer, inner)) return product;
    return make(op::choose, {make(op::equal, {outer, zero_}), zero_, product});
  }
  bool is_one_exponential(node_id outer, node_id inner) {
    const product_view view = product_of(g_, inner);
    return g_[outer].operation == op::exp && view.factors.size() == 1 && view.factors[0].exponent == 1 &&
           g_[view.factors[0].base].operation == op::exp && is_lone_coefficient(view.coefficient);
  }
  // a + b and a - b, which remain a choice where both are one by the same condition.
  node_id joined(op operation, node_id a, node_id b) {
    if (b == zero_) return a;
    if (a == zero_) return operation == op::add ? b : times(number(-1), b);
    if (!chooses_zero(a) || !chooses_zero(b) || g_[a].child[0] != g_[b].child[0]) return make(operation, {a, b});
    const node first = g_[a], second = g_[b];
    const node_id yes = joined(operation, first.child[1], second.child[1]);
    return make(op::choose, {first.child[0], yes, joined(operation, first.child[2], second.child[2])});
  }
  node_id over(node_id a, node_id b) { return scaled(op::divide, a, b); }

  node_id one(node_id id, const node& n) {
    switch (n.operation) {
      case op::constant:
        return zero_;
      case op::variable:
        return by_ == by_x ? number(1) : zero_;
      case op::parameter:
        return by_ == n.index ? number(1) : zero_;
      case op::call:
        return call(n);
      case op::choose:
        return make(op::choose, {n.child[0], d(n.child[1]), d(n.child[2])});
      case op::clamp:
        return clamp(n);
      default:
        break;
    }
    if (row_of(n.operation).gives == kind::condition) return zero_;
    const bool changes = d(n.child[0]) != zero_ || (n.count == 2 && d(n.child[1]) != zero_);
    if (!changes) return zero_;
    return n.count == 2 ? binary(id, n) : function(id, n, n.child[0], d(n.child[0]));
  }

  node_id binary(node_id id, const node& n) {
    const node_id a = n.child[0], b = n.child[1], da = d(a), db = d(b);
    switch (n.operation) {
      case op::add:
      case op::subtract:
        return joined(n.operation, da, db);
      case op::multiply:
        return joined(op::add, times(b, da), times(a, db));
      case op::divide:
        return joined(op::subtract, over(da, b), relative_change(id, b));
      case op::power:
        return power(id, a, b);
      default:
        return extreme(n.operation, a, b);
    }
  }

  // f b'/b, for f = a/b. Of b = exp(u) that is f u', of b = u^n f n u'/u, which goes without another large power.
  node_id relative_change(node_id f, node_id b) {
    const node n = g_[b];
    if (n.operation == op::exp) return falling(f, d(n.child[0]));
    if (n.operation == op::multiply && g_[n.child[0]].operation == op::constant) return relative_change(f, n.child[1]);
    if (n.operation == op::power && g_[n.child[1]].operation == op::constant)
      return vanishing(f, make(op::multiply, {n.child[1], f}), n.child[0]);
    return vanishing(f, f, b);
  }
  // a b'/b: where b' overflows, b does, or will soon, and f that is divided by it is as good as 0.
  node_id vanishing(node_id f, node_id a, node_id b) {
    const node_id change = over(times(a, d(b)), b);
    if (change == zero_ || !ranges_.can_overflow(d(b))) return change;
    return unless_tiny(f, change);
  }
  // 0 where v is 0, or no normal number, or little more.
  node_id unless_tiny(node_id v, node_id otherwise) {
    return make(op::choose, {make(op::less, {make(op::abs, {v}), number(0x1p-124)}), zero_, otherwise});
  }

  node_id power(node_id id, node_id a, node_id b) {
    const node_id less = make(op::power, {a, make(op::subtract, {b, number(1)})});
    const bool is_root = g_[b].operation == op::constant && g_[b].value < 1;
    const node_id slope = make(op::multiply, {b, less});
    const node_id by_base = is_root ? from_zero(a, slope, d(a)) : times(slope, d(a));
    if (d(b) == zero_) return by_base;
    node_id grown = make(op::multiply, {id, make(op::log, {a})});
    const node_id rises = make(op::greater, {b, zero_});  // where 0 ^ b is 0
    if (g_.is_constant(a, 0)) grown = make(op::choose, {rises, zero_, grown});
    else if (g_[a].operation != op::constant)
      grown = make(op::choose, {make(op::both, {make(op::equal, {a, zero_}), rises}), zero_, grown});
    return joined(op::add, by_base, times(grown, d(b)));
  }

  // Which operand a tie goes to: a constant, then what only parameters change, then what x changes.
  int constancy(node_id id) const { return g_[id].has_x ? 2 : g_[id].varies ? 1 : 0; }

  node_id extreme(op operation, node_id a, node_id b) {
    const bool first_wins = constancy(a) <= constancy(b);
    const node_id winner = first_wins ? a : b, other = first_wins ? b : a;
    const op loses = operation == op::max ? op::at_most : op::at_least;
    return make(op::choose, {make(loses, {other, winner}), d(winner), d(other)});
  }

  node_id clamp(const node& n) {
    const node_id x = n.child[0], lo = n.child[1], hi = n.child[2];
    const node_id below_hi = make(op::choose, {make(op::at_least, {x, hi}), d(hi), d(x)});
    return make(op::choose, {make(op::at_most, {x, lo}), d(lo), below_hi});
  }

  node_id function(node_id id, const node& n, node_id u, node_id du) {
    switch (n.operation) {
      case op::negate:
        return times(number(-1), du);
      case op::abs:
        return make(op::choose, {make(op::less, {u, zero_}), times(number(-1), du),
                                 make(op::choose, {make(op::equal, {u, zero_}), zero_, du})});
      case op::sign:
        return zero_;
      case op::exp:
        return falling(id, du);
      case op::expm1:
        return falling(make(op::exp, {u}), du);
      case op::log:
        return over(du, u);
      case op::log1p:
        return over(du, make(op::add, {number(1), u}));
      case op::sqrt:
        return from_zero(u, make(op::multiply, {number(0.5), make(op::rsqrt, {u})}), du);
      case op::rsqrt:
        return vanishing(id, make(op::multiply, {number(-0.5), id}), u);
      default:
        return periodic(id, n, u, du);
    }
  }

  // slope * du, where slope is infinite at u = 0: 0 where u is one because it does not change any more.
  node_id from_zero(node_id u, node_id slope, node_id du) {
    if (du == zero_) return zero_;
    if (!g_[du].has_x || ranges_.of(u).low > 0x1p-126) return times(slope, du);
    if (g_[du].operation == op::choose) {
      const node n = g_[du];
      return make(op::choose, {n.child[0], from_zero(u, slope, n.child[1]), from_zero(u, slope, n.child[2])});
    }
    return unless_tiny(du, times(slope, du));
  }

  // 1 + u^2 is u^2 beyond 1e9, and may overflow.
  node_id beyond(node_id u, node_id far, node_id near) {
    return make(op::choose, {make(op::greater, {make(op::abs, {u}), number(1e9)}), far, near});
  }

  // du / u / u, which is as good as 0 before either overflows.
  node_id vanishing_twice(node_id du, node_id u) {
    const node_id change = over(over(du, u), u);
    if (change == zero_ || !ranges_.can_overflow(du)) return change;
    return make(op::choose, {make(op::greater, {make(op::abs, {u}), number(0x1p100)}), zero_, change});
  }

  node_id periodic(node_id id, const node& n, node_id u, node_id du) {
    const node_id one_and_square = make(op::add, {number(1), make(op::multiply, {u, u})});
    switch (n.operation) {
      case op::sin:
        return times(make(op::cos, {u}), du);
      case op::cos:
        return times(make(op::negate, {make(op::sin, {u})}), du);
      case op::tan:
        return times(make(op::add, {number(1), make(op::multiply, {id, id})}), du);
      case op::atan: {
        const node_id plain = over(du, one_and_square);
        return ranges_.can_overflow(one_and_square) ? beyond(u, vanishing_twice(du, u), plain) : plain;
      }
      case op::sinh:
        return times(make(op::cosh, {u}), du);
      case op::cosh:
        return times(make(op::sinh, {u}), du);
      case op::asinh: {
        const node_id plain = times(make(op::rsqrt, {one_and_square}), du);
        return ranges_.can_overflow(one_and_square) ? beyond(u, over(du, make(op::abs, {u})), plain) : plain;
      }
      default: {  // erf
        const node_id bell = make(op::exp, {make(op::negate, {make(op::multiply, {u, u})})});
        return falling(make(op::multiply, {number(2 * std::numbers::inv_sqrtpi), bell}), du);
      }
    }
  }

  node_id in_place(node_id form, const node& call) {
    return transplant(known_.nodes(), form, g_, call.child[0], call.children().subspan(1));
  }

  bool is_plain(node_id form) const { return equation::is_plain(known_.nodes(), form); }

  // f'(u, p) u' + the sum of df/dp p'. A call of plain arithmetic has nothing to gain, and a derivative that is a
  // choice is written out, too: where it is 0 must be seen.
  node_id call(const node& n) {
    const function_form& form = known_.of(n.index);
    if (n.quantity == part::grad) return times(in_place(form.second, n), d(n.child[0]));
    const core::activation_info& info = known_.functions()[static_cast<size_t>(n.index)];
    node_id sum = zero_;
    if (const node_id du = d(n.child[0]); du != zero_) {
      const bool written =
          form.grad != no_node && (is_plain(form.grad) || known_.nodes()[form.grad].operation == op::choose);
      sum = written ? falling(simplify(g_, in_place(form.grad, n)), du)
                    : falling(g_.call(n.index, part::grad, 0, n.children()), du);
    }
    for (int p = 0; p < info.param_count; ++p) {
      const node_id dp = d(n.child[static_cast<size_t>(1 + p)]);
      if (dp == zero_) continue;
      const node_id written = form.param_grad[static_cast<size_t>(p)];
      node_id grad = no_node;
      if (written != no_node && (info.params[p].trainable == 0 || is_plain(written)))
        grad = simplify(g_, in_place(written, n));
      else if (info.params[p].trainable != 0) grad = g_.call(n.index, part::param_grad, p, n.children());
      else
        core::fail(GEMMACT_EQUATION_UNSUPPORTED, "the derivative of {} by its parameter {} is not known", info.name,
                   info.params[p].name);
      sum = joined(op::add, sum, times(grad, dp));
    }
    return sum;
  }

  graph& g_;
  int by_;
  const forms& known_;
  node_id zero_;
  ranges ranges_;
  std::vector<node_id> of_;
  std::map<node_id, bool> chooses_zero_;
  std::map<node_id, zeros> zeros_;
  std::map<std::pair<std::pair<op, node_id>, node_id>, node_id> scaled_;
};

bool calls_derivative(const node& n, const forms& known) {
  if (n.operation != op::call || n.quantity == part::value) return false;
  return n.quantity != part::grad || known.of(n.index).second == no_node;
}

// Derivatives that are called are written out where what is called has a first derivative alone.
node_id without_derivatives(graph& g, node_id root, const forms& known) {
  return rebuilt(g, root, [&](const node& n, std::span<const node_id> children) {
    if (!calls_derivative(n, known)) return g.like(n, children);
    const function_form& form = known.of(n.index);
    const node_id written = n.quantity == part::grad ? form.grad : form.param_grad[static_cast<size_t>(n.by)];
    if (written == no_node)
      core::fail(GEMMACT_EQUATION_UNSUPPORTED, "the second derivative of {} is not known",
                 known.functions()[static_cast<size_t>(n.index)].name);
    return transplant(known.nodes(), written, g, children[0], children.subspan(1));
  });
}

bool calls_derivatives(const graph& g, node_id root, const forms& known) {
  for (const node_id id : reachable(g, root))
    if (calls_derivative(g[id], known)) return true;
  return false;
}

}  // namespace

bool is_plain(const graph& g, node_id root) {
  for (const node_id id : reachable(g, root)) {
    const node& n = g[id];
    if (n.operation == op::call || n.operation > op::clamp) return false;
    if ((n.operation == op::divide || n.operation == op::power) && g[n.child[1]].operation != op::constant)
      return false;
  }
  return true;
}

node_id differentiate(graph& g, node_id root, int by, const forms& known) {
  // A function's derivative by a parameter may call its derivative by x, and that is written without.
  for (int i = 0; i < 3 && calls_derivatives(g, root, known); ++i) root = without_derivatives(g, root, known);
  return derivation(g, by, known).of(simplify(g, root));
}

}  // namespace gemmact::equation

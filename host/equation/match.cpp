#include "host/equation/match.hpp"

#include <algorithm>
#include <cmath>

namespace gemmact::equation {
namespace {

constexpr int most_steps = 400;  // of one search: what takes longer is not found

// Constants that are one in f32, so that 0.70710678 is 1 / sqrt(2). Not 1.0000001 and 1, whose difference is all that is
// left where they cancel.
bool near(double a, double b) { return static_cast<float>(a) == static_cast<float>(b); }

// A product that is looked into: an expression, its view, and what factors are left of it by now.
struct subject {
  node_id whole;
  product_view rest;
};

class search {
 public:
  search(const pattern& p, graph& target, const std::vector<bool>& operands)
      : p_(p), pattern_(*p.nodes), target_(target), operands_(operands) {}

  std::optional<found> at_root(node_id t) {
    const op o = pattern_[p_.root].operation;
    bool there = false;
    if (is_product(o)) {
      product_view left;
      there = match_product(product_of(pattern_, p_.root), {t, product_of(target_, t)}, &left);
      bound_.times = std::move(left);
    } else if (is_sum(o)) {
      there = match_sum(sum_of(pattern_, p_.root), sum_of(target_, t), &bound_.plus);
    } else {
      there = match(p_.root, t);
    }
    if (!there || bound_.x == no_node) return std::nullopt;
    return bound_;
  }

 private:
  bool match(node_id p, node_id t) {
    if (++steps_ > most_steps) return false;
    const node pn = pattern_[p], tn = target_[t];
    if (pn.operation == op::variable) return bind_x(t);
    if (pn.operation == op::parameter) return bind(pn.index, t);
    if (pn.operation == op::constant) return tn.operation == op::constant && near(tn.value, pn.value);
    if (is_product(pn.operation)) {
      product_view wanted = product_of(pattern_, p);
      if (wanted.factors.size() != 1 || wanted.factors[0].base != p)
        return match_product(std::move(wanted), {t, product_of(target_, t)}, nullptr);
    }
    if (is_sum(pn.operation)) return match_sum(sum_of(pattern_, p), sum_of(target_, t), nullptr);
    if (pn.operation != tn.operation || pn.count != tn.count || pn.index != tn.index || pn.quantity != tn.quantity ||
        pn.by != tn.by)
      return false;
    const found before = bound_;
    if (match_children(pn, tn)) return true;
    bound_ = before;
    if (pn.operation != op::min && pn.operation != op::max) return false;
    node turned = tn;
    std::swap(turned.child[0], turned.child[1]);
    return match_children(pn, turned) || restore(before);
  }
  bool match_children(const node& pn, const node& tn) {
    for (size_t i = 0; i < static_cast<size_t>(pn.count); ++i)
      if (!match(pn.child[i], tn.child[i])) return false;
    return true;
  }
  bool restore(const found& before) {
    bound_ = before;
    return false;
  }

  bool bind_x(node_id t) {
    if (bound_.x == no_node) bound_.x = t;
    return t != no_node && bound_.x == t;
  }
  bool bind(int parameter, node_id t) {
    const node& n = target_[t];
    if (!p_.any_parameter && n.has_x) return false;
    const bool operand = n.operation == op::parameter && operands_[static_cast<size_t>(n.index)];
    if (p_.only_operand[static_cast<size_t>(parameter)] && !operand) return false;
    node_id& bound = bound_.parameters[static_cast<size_t>(parameter)];
    if (bound == no_node) bound = t;
    return bound == t;
  }

  // 0: an expression of its own; 1: x; 2: a parameter. They are looked for in that order, as the first say what x is.
  int rank(node_id p) const {
    const op o = pattern_[p].operation;
    return o == op::variable ? 1 : o == op::parameter ? 2 : 0;
  }

  bool match_product(product_view p, subject rest, product_view* left) {
    std::stable_sort(p.factors.begin(), p.factors.end(),
                     [this](const factor& a, const factor& b) { return rank(a.base) < rank(b.base); });
    rest.rest.coefficient /= p.coefficient;
    // A constant that is all there is beside one function belongs to the pattern; in a longer product it may be any.
    if (left != nullptr && p.factors.size() == 1 && p.coefficient != 1 && !near(rest.rest.coefficient, 1)) return false;
    return match_factors(p, 0, rest, left);
  }

  bool match_factors(const product_view& p, size_t i, const subject& t, product_view* left) {
    if (++steps_ > most_steps) return false;
    if (i == p.factors.size()) {
      if (left == nullptr) return t.rest.factors.empty() && near(t.rest.coefficient, 1);
      *left = t.rest;
      if (near(left->coefficient, 1)) left->coefficient = 1;
      return true;
    }
    const factor wanted = p.factors[i];
    const found before = bound_;
    const node& pn = pattern_[wanted.base];
    if (pn.operation == op::variable && bound_.x == no_node)
      return left == nullptr && (match_free_x(p, i, t) || restore(before));
    if (pn.operation == op::variable) return consume_and_go_on(p, i, t, left, bound_.x);
    if (pn.operation == op::parameter) {
      const node_id bound = bound_.parameters[static_cast<size_t>(pn.index)];
      if (bound != no_node) return consume_and_go_on(p, i, t, left, bound);
      return wanted.exponent == 1 && (match_free_parameter(p, i, t, left) || restore(before));
    }
    for (size_t j = 0; j < t.rest.factors.size(); ++j) {
      const factor have = t.rest.factors[j];
      if ((have.exponent > 0) != (wanted.exponent > 0) || std::abs(have.exponent) < std::abs(wanted.exponent)) continue;
      if (match(wanted.base, have.base)) {
        subject after = t;
        after.rest.factors[j].exponent -= wanted.exponent;
        if (after.rest.factors[j].exponent == 0)
          after.rest.factors.erase(after.rest.factors.begin() + static_cast<std::ptrdiff_t>(j));
        if (match_factors(p, i + 1, after, left)) return true;
      }
      bound_ = before;
    }
    return false;
  }

  // What x or a parameter stands for is known: it must be among the factors.
  bool consume_and_go_on(const product_view& p, size_t i, const subject& t, product_view* left, node_id value) {
    const int exponent = p.factors[i].exponent;
    const product_view taken = product_of(target_, value);
    subject after = t;
    after.rest.coefficient /= std::pow(taken.coefficient, exponent);
    for (const factor& f : taken.factors) {
      const auto have = std::find_if(after.rest.factors.begin(), after.rest.factors.end(), [&](const factor& h) {
        return h.base == f.base && (h.exponent > 0) == (f.exponent * exponent > 0);
      });
      const int used = f.exponent * exponent;
      if (have == after.rest.factors.end() || std::abs(have->exponent) < std::abs(used)) return false;
      have->exponent -= used;
      if (have->exponent == 0) after.rest.factors.erase(have);
    }
    return match_factors(p, i + 1, after, left);
  }

  // x stands for the whole rest, or for all of it but the one parameter that still follows. A constant of the pattern's
  // own must be there: sigmoid(1.702 * x) is not in sigmoid(x), which has 1 / 1.702 of it.
  bool match_free_x(const product_view& p, size_t i, subject t) {
    if (t.rest.factors.empty()) return false;
    if (std::abs(p.coefficient) != 1) {
      if (!near(t.rest.coefficient, 1)) return false;
      t.rest.coefficient = 1;
    }
    if (i + 1 == p.factors.size()) {
      if (p.factors[i].exponent == 1) return bind_x(remainder_of(target_, t.whole, t.rest));
      return t.rest.factors.size() == 1 && t.rest.factors[0].exponent == p.factors[i].exponent &&
             near(t.rest.coefficient, 1) && bind_x(t.rest.factors[0].base);
    }
    if (i + 2 != p.factors.size() || p.factors[i].exponent != 1 || p.factors[i + 1].exponent != 1) return false;
    const int parameter = pattern_[p.factors[i + 1].base].index;
    if (bound_.parameters[static_cast<size_t>(parameter)] != no_node) return false;
    for (size_t j = 0; j < t.rest.factors.size() && t.rest.factors.size() > 1; ++j) {
      if (t.rest.factors[j].exponent != 1 || target_[t.rest.factors[j].base].has_x) continue;
      product_view others = t.rest;
      others.factors.erase(others.factors.begin() + static_cast<std::ptrdiff_t>(j));
      return bind(parameter, t.rest.factors[j].base) && bind_x(remainder_of(target_, t.whole, others));
    }
    return bind(parameter, target_.constant(t.rest.coefficient)) &&
           bind_x(remainder_of(target_, t.whole, {1, t.rest.factors}));
  }

  // With x known, a parameter takes every factor without x, and the constant.
  bool match_free_parameter(const product_view& p, size_t i, const subject& t, product_view* left) {
    product_view taken{t.rest.coefficient, {}};
    subject after{t.whole, {}};
    for (const factor& f : t.rest.factors)
      (target_[f.base].has_x && !p_.any_parameter ? after.rest.factors : taken.factors).push_back(f);
    return bind(pattern_[p.factors[i].base].index, build(target_, taken)) && match_factors(p, i + 1, after, left);
  }

  bool match_sum(sum_view p, const sum_view& t, sum_view* left) {
    if (!near(t.constant, p.constant) && !take_constant(p, t.constant)) return false;
    std::stable_sort(p.terms.begin(), p.terms.end(),
                     [this](const term& a, const term& b) { return rank(a.of) < rank(b.of); });
    sum_view rest = t;
    rest.constant = 0;
    return match_terms(p, 0, rest, left);
  }

  // A parameter among a pattern's terms may stand for the number.
  bool take_constant(sum_view& p, double constant) {
    for (size_t i = 0; i < p.terms.size() && p_.any_parameter; ++i) {
      const node& n = pattern_[p.terms[i].of];
      if (n.operation != op::parameter || bound_.parameters[static_cast<size_t>(n.index)] != no_node) continue;
      const double is = p.terms[i].sign * (constant - p.constant);
      p.terms.erase(p.terms.begin() + static_cast<std::ptrdiff_t>(i));
      return bind(n.index, target_.constant(is));
    }
    return false;
  }

  bool match_terms(const sum_view& p, size_t i, const sum_view& rest, sum_view* left) {
    if (++steps_ > most_steps) return false;
    if (i == p.terms.size()) {
      if (left == nullptr) return rest.terms.empty();
      *left = rest;
      return true;
    }
    const found before = bound_;
    const bool free_x = pattern_[p.terms[i].of].operation == op::variable && bound_.x == no_node;
    if (free_x) {  // x stands for the rest
      if (left != nullptr || i + 1 != p.terms.size() || rest.terms.empty()) return false;
      sum_view all = rest;
      for (term& each : all.terms) each.sign *= p.terms[i].sign;
      return bind_x(build(target_, all));
    }
    for (size_t j = 0; j < rest.terms.size(); ++j) {
      product_view wanted = product_of(pattern_, p.terms[i].of);
      subject have{rest.terms[j].of, product_of(target_, rest.terms[j].of)};
      wanted.coefficient *= p.terms[i].sign;
      have.rest.coefficient *= rest.terms[j].sign;
      if (match_product(std::move(wanted), std::move(have), nullptr)) {
        sum_view after = rest;
        after.terms.erase(after.terms.begin() + static_cast<std::ptrdiff_t>(j));
        if (match_terms(p, i + 1, after, left)) return true;
      }
      bound_ = before;
    }
    return false;
  }

  const pattern& p_;
  const graph& pattern_;
  graph& target_;
  const std::vector<bool>& operands_;
  found bound_;
  int steps_ = 0;
};

}  // namespace

std::optional<found> find(const pattern& p, graph& target, node_id at, const std::vector<bool>& operands) {
  return search(p, target, operands).at_root(at);
}

}  // namespace gemmact::equation

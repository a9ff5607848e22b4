#include "host/equation/simplify.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace gemmact::equation {
namespace {

// In f32, neither overflows nor becomes 0.
bool holds_in_f32(double v) {
  return v == 0 || std::isinf(v) || (std::abs(v) <= std::numeric_limits<float>::max() && static_cast<float>(v) != 0);
}

// The rules for one node, by its operation; each answers with a node or with nothing.
class rules {
 public:
  rules(graph& g, const node& pattern, std::span<const node_id> children) : g_(g), op_(pattern.operation) {
    for (size_t i = 0; i < children.size() && i < 3; ++i) c_[i] = children[i];
    if (op_ != op::call) folded_ = folded(children);
  }

  node_id apply() {
    if (folded_ != no_node) return folded_;
    switch (op_) {
      case op::negate:
        return negate();
      case op::add:
        return add();
      case op::subtract:
        return subtract();
      case op::multiply:
        return multiply();
      case op::divide:
        return divide();
      case op::power:
        return power();
      case op::choose:
        return choose();
      case op::deny:
        return deny();
      case op::either:
        return either();
      case op::both:
        return both();
      case op::min:
      case op::max:
        return c_[0] == c_[1] ? c_[0] : clamp();
      case op::abs:
        if (is(0, op::abs)) return c_[0];
        return is(0, op::negate) ? make(op::abs, {at(0).child[0]}) : no_node;
      case op::less:
      case op::at_most:
      case op::greater:
      case op::at_least:
        return constant_right();
      default:
        return no_node;
    }
  }

 private:
  const node& at(int i) const { return g_[c_[static_cast<size_t>(i)]]; }
  bool is(int i, op operation) const { return at(i).operation == operation; }
  bool is_number(int i, double v) const { return g_.is_constant(c_[static_cast<size_t>(i)], v); }
  std::optional<double> number(int i) const { return is(i, op::constant) ? std::optional(at(i).value) : std::nullopt; }
  node_id make(op operation, std::initializer_list<node_id> children) { return simple_node(g_, operation, children); }

  // Of constants, where the result is one that f32 has; a condition stays, as there are no constants of them.
  node_id folded(std::span<const node_id> children) {
    std::array<double, 3> values{};
    for (size_t i = 0; i < children.size(); ++i) {
      if (g_[children[i]].operation != op::constant) return no_node;
      values[i] = g_[children[i]].value;
    }
    if (row_of(op_).gives == kind::condition) return no_node;
    const double v = fold(op_, std::span(values.data(), children.size()));
    bool infinite = false;
    for (const double value : values) infinite |= std::isinf(value);
    return !std::isnan(v) && holds_in_f32(v) && (infinite || !std::isinf(v)) ? g_.constant(v) : no_node;
  }

  node_id negate() {
    if (is(0, op::negate)) return at(0).child[0];
    if (is(0, op::subtract)) return make(op::subtract, {at(0).child[1], at(0).child[0]});
    const node_id scaled = at(0).count == 2 ? at(0).child[0] : no_node;
    if ((is(0, op::multiply) || is(0, op::divide)) && g_[scaled].operation == op::constant)
      return make(at(0).operation, {g_.constant(-g_[scaled].value), at(0).child[1]});
    return no_node;
  }

  node_id add() {
    if (is_number(0, 0)) return c_[1];
    if (is_number(1, 0)) return c_[0];
    if (is(1, op::negate)) return make(op::subtract, {c_[0], at(1).child[0]});
    if (is(0, op::negate)) return make(op::subtract, {c_[1], at(0).child[0]});
    if (c_[0] == c_[1]) return make(op::multiply, {g_.constant(2), c_[0]});
    if (const node_id positive = negated(1); positive != no_node) return make(op::subtract, {c_[0], positive});
    return no_node;
  }

  // -c, of a negative constant, or of one times something.
  node_id negated(int i) {
    if (const auto v = number(i)) return *v < 0 ? g_.constant(-*v) : no_node;
    if (!is(i, op::multiply)) return no_node;
    const node& c = g_[at(i).child[0]];
    if (c.operation != op::constant || !(c.value < 0)) return no_node;
    return make(op::multiply, {g_.constant(-c.value), at(i).child[1]});
  }

  node_id subtract() {
    if (is_number(1, 0)) return c_[0];
    if (is_number(0, 0)) return make(op::negate, {c_[1]});
    if (is(1, op::negate)) return make(op::add, {c_[0], at(1).child[0]});
    if (const node_id positive = negated(1); positive != no_node) return make(op::add, {c_[0], positive});
    return no_node;
  }

  node_id multiply() {
    if (is(1, op::constant)) return is(0, op::constant) ? no_node : make(op::multiply, {c_[1], c_[0]});
    if (is_number(0, 1)) return c_[1];
    if (is_number(0, -1)) return make(op::negate, {c_[1]});
    if (is(0, op::negate)) return make(op::negate, {make(op::multiply, {at(0).child[0], c_[1]})});
    if (is(1, op::negate)) {
      if (const auto v = number(0)) return make(op::multiply, {g_.constant(-*v), at(1).child[0]});
      return make(op::negate, {make(op::multiply, {c_[0], at(1).child[0]})});
    }
    // a * (b * y), a * (b / y), a * (y / b) of constants, and y * (1 / z)
    if (const auto a = number(0); a && (is(1, op::multiply) || is(1, op::divide))) {
      const node& inner = at(1);
      if (const node& b = g_[inner.child[0]]; b.operation == op::constant && harmless(*a * b.value))
        return make(inner.operation, {g_.constant(*a * b.value), inner.child[1]});
      if (const node& b = g_[inner.child[1]];
          b.operation == op::constant && inner.operation == op::divide && harmless(*a / b.value))
        return make(op::multiply, {g_.constant(*a / b.value), inner.child[0]});
    }
    for (const int i : {0, 1})
      if (is(i, op::divide) && g_.is_constant(at(i).child[0], 1))
        return make(op::divide, {c_[static_cast<size_t>(1 - i)], at(i).child[1]});
    return product_of_equals();
  }

  // The base and the whole power of an expression.
  std::pair<node_id, int> whole_power(int i) const {
    if (!is(i, op::power)) return {c_[static_cast<size_t>(i)], 1};
    const node& exponent = g_[at(i).child[1]];
    if (exponent.operation != op::constant || !is_whole(exponent.value)) return {c_[static_cast<size_t>(i)], 1};
    return {at(i).child[0], static_cast<int>(exponent.value)};
  }
  static bool is_whole(double v) { return v >= 1 && v <= largest_whole_power && v == std::floor(v); }

  node_id product_of_equals() {
    const auto [a, n] = whole_power(0);
    const auto [b, m] = whole_power(1);
    return a == b && n + m <= largest_whole_power ? make(op::power, {a, g_.constant(n + m)}) : no_node;
  }

  static bool harmless(double v) { return std::abs(v) < 0x1p100 && std::abs(v) > 0x1p-100; }

  node_id divide() {
    if (is_number(1, 1)) return c_[0];
    if (is_number(1, -1)) return make(op::negate, {c_[0]});
    if (is(0, op::negate)) return make(op::negate, {make(op::divide, {at(0).child[0], c_[1]})});
    if (is(1, op::negate)) return make(op::negate, {make(op::divide, {c_[0], at(1).child[0]})});
    if (is_number(0, 1) && is(1, op::sqrt)) return make(op::rsqrt, {at(1).child[0]});
    if (const auto v = number(1); v && harmless(*v)) {
      int exponent = 0;
      if (std::abs(std::frexp(*v, &exponent)) == 0.5) return make(op::multiply, {g_.constant(1 / *v), c_[0]});
      if (is(0, op::multiply) && g_[at(0).child[0]].operation == op::constant &&
          harmless(g_[at(0).child[0]].value / *v))
        return make(op::multiply, {g_.constant(g_[at(0).child[0]].value / *v), at(0).child[1]});
    }
    return no_node;
  }

  node_id power() {
    const auto v = number(1);
    if (!v) return no_node;
    if (*v == 0) return g_.constant(1);
    if (*v == 0.5) return make(op::sqrt, {c_[0]});
    if (*v == -0.5) return make(op::rsqrt, {c_[0]});
    if (*v == 1) return c_[0];
    if (is_whole(-*v)) return make(op::divide, {g_.constant(1), make(op::power, {c_[0], g_.constant(-*v)})});
    if (is(0, op::exp) && is_whole(*v)) return make(op::exp, {make(op::multiply, {c_[1], at(0).child[0]})});
    if (const auto [base, n] = whole_power(0); n > 1 && is_whole(*v) && n * *v <= largest_whole_power)
      return make(op::power, {base, g_.constant(n * *v)});
    return no_node;
  }

  // What a comparison says of constants, as f32 has them: 0.1 + 0.2 is 0.3 there.
  std::optional<bool> truth(int i) const {
    const node& condition = at(i);
    if (condition.count != 2 || row_of(condition.operation).takes != kind::number) return std::nullopt;
    std::array<double, 2> values{};
    for (size_t k : {size_t{0}, size_t{1}}) {
      const node& n = g_[condition.child[k]];
      if (n.operation != op::constant) return std::nullopt;
      values[k] = double{static_cast<float>(n.value)};
    }
    return fold(condition.operation, values) != 0;
  }

  // Where a < b, or a > b, is denied, a == b says so already.
  bool denies_within_equality(int i) const {
    if (!is(i, op::deny) || !is(1 - i, op::equal)) return false;
    const node &denied = g_[at(i).child[0]], &same = at(1 - i);
    return (denied.operation == op::less || denied.operation == op::greater) && denied.child[0] == same.child[0] &&
           denied.child[1] == same.child[1];
  }

  node_id deny() {
    if (const auto known = truth(0)) return make(*known ? op::greater : op::less, {g_.constant(0), g_.constant(1)});
    return is(0, op::deny) ? at(0).child[0] : no_node;
  }

  node_id both() {
    if (c_[0] == c_[1]) return c_[0];
    for (const int i : {0, 1}) {
      if (const auto known = truth(i)) return c_[static_cast<size_t>(*known ? 1 - i : i)];
      if (denies_within_equality(i)) return c_[static_cast<size_t>(1 - i)];
    }
    return no_node;
  }

  // a || !a && b is a || b
  node_id either() {
    if (c_[0] == c_[1]) return c_[0];
    for (const int i : {0, 1})
      if (const auto known = truth(i)) return c_[static_cast<size_t>(*known ? i : 1 - i)];
    if (!is(1, op::both)) return no_node;
    const node& first = g_[at(1).child[0]];
    return first.operation == op::deny && first.child[0] == c_[0] ? make(op::either, {c_[0], at(1).child[1]}) : no_node;
  }

  // min(max(y, lo), hi) and max(min(y, hi), lo) of constants lo <= hi
  node_id clamp() {
    const op inner = op_ == op::min ? op::max : op::min;
    for (const int i : {0, 1}) {
      const auto outer = number(1 - i);
      if (!outer || !is(i, inner)) continue;
      for (const size_t k : {size_t{0}, size_t{1}}) {
        const node& bound = g_[at(i).child[k]];
        if (bound.operation != op::constant) continue;
        const auto [lo, hi] = op_ == op::min ? std::pair(bound.value, *outer) : std::pair(*outer, bound.value);
        if (lo <= hi) return make(op::clamp, {at(i).child[1 - k], g_.constant(lo), g_.constant(hi)});
      }
    }
    return no_node;
  }

  node_id choose() {
    if (c_[1] == c_[2]) return c_[1];
    if (is(0, op::deny)) return make(op::choose, {at(0).child[0], c_[2], c_[1]});
    if (is(1, op::choose) && at(1).child[0] == c_[0]) return make(op::choose, {c_[0], at(1).child[1], c_[2]});
    if (is(2, op::choose) && at(2).child[0] == c_[0]) return make(op::choose, {c_[0], c_[1], at(2).child[2]});
    if (const auto known = truth(0)) return c_[*known ? 1 : 2];
    return no_node;
  }

  node_id constant_right() {
    if (!is(0, op::constant) || is(1, op::constant)) return no_node;
    const op turned = op_ == op::less      ? op::greater
                      : op_ == op::greater ? op::less
                      : op_ == op::at_most ? op::at_least
                                           : op::at_most;
    return make(turned, {c_[1], c_[0]});
  }

  graph& g_;
  op op_;
  std::array<node_id, 3> c_{no_node, no_node, no_node};
  node_id folded_ = no_node;
};

}  // namespace

node_id simple_node(graph& g, const node& pattern, std::span<const node_id> children) {
  if (pattern.operation <= op::parameter) return g.like(pattern, children);
  if (const node_id simpler = rules(g, pattern, children).apply(); simpler != no_node) return simpler;
  return g.like(pattern, children);
}

node_id simplify(graph& g, node_id root) {
  return rebuilt(g, root,
                 [&](const node& n, std::span<const node_id> children) { return simple_node(g, n, children); });
}

}  // namespace gemmact::equation

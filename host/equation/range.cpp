#include "host/equation/range.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr interval anything{-infinity, infinity};
constexpr double most_x = 65504, most_parameter = 1000;
constexpr int deepest_call = 6;  // formulas in formulas

double held(double v) { return std::abs(v) > std::numeric_limits<float>::max() ? std::copysign(infinity, v) : v; }

interval hull(std::initializer_list<double> values) {
  interval all{infinity, -infinity};
  for (const double v : values) {
    if (std::isnan(v)) return anything;
    all = {std::min(all.low, held(v)), std::max(all.high, held(v))};
  }
  return all;
}
interval hull(interval a, interval b) { return hull({a.low, a.high, b.low, b.high}); }

interval product(interval a, interval b) {
  return hull({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
}
interval quotient(interval a, interval b) {
  if (b.low <= 0 && b.high >= 0) return anything;
  return hull({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high});
}

interval power(interval a, interval b) {
  if (b.low != b.high) return anything;
  const double n = b.low, low = std::pow(a.low, n), high = std::pow(a.high, n);
  if (n >= 0 && a.low >= 0) return hull({low, high});
  if (n < 0 || n != std::floor(n)) return anything;
  return std::fmod(n, 2) == 0 ? hull({a.low <= 0 && a.high >= 0 ? 0 : low, low, high}) : hull({low, high});
}

interval binary(op operation, interval a, interval b) {
  switch (operation) {
    case op::add:
      return hull({a.low + b.low, a.high + b.high});
    case op::subtract:
      return hull({a.low - b.high, a.high - b.low});
    case op::multiply:
      return product(a, b);
    case op::divide:
      return quotient(a, b);
    case op::power:
      return power(a, b);
    case op::min:
      return {std::min(a.low, b.low), std::min(a.high, b.high)};
    case op::max:
      return {std::max(a.low, b.low), std::max(a.high, b.high)};
    default:
      return {0, 1};  // conditions
  }
}

interval magnitude(interval a) {
  const double most = std::max(std::abs(a.low), std::abs(a.high));
  return {a.low <= 0 && a.high >= 0 ? 0 : std::min(std::abs(a.low), std::abs(a.high)), most};
}

interval function(op operation, interval a) {
  const auto through = [operation](double v) { return fold(operation, std::span(&v, 1)); };
  switch (operation) {
    case op::negate:
      return {-a.high, -a.low};
    case op::abs:
      return magnitude(a);
    case op::cosh: {
      const interval m = magnitude(a);
      return hull({through(m.low), through(m.high)});
    }
    case op::sin:
    case op::cos:
    case op::sign:
      return {-1, 1};
    case op::deny:
      return {0, 1};
    case op::tan:
      return anything;
    case op::rsqrt:
      return a.low <= 0 ? interval{0, infinity} : hull({through(a.low), through(a.high)});
    case op::log:
      return hull({through(std::max(a.low, 0.0)), through(std::max(a.high, 0.0))});
    case op::log1p:
      return hull({through(std::max(a.low, -1.0)), through(std::max(a.high, -1.0))});
    case op::sqrt:
      return hull({through(std::max(a.low, 0.0)), through(std::max(a.high, 0.0))});
    default:  // the others increase
      return hull({through(a.low), through(a.high)});
  }
}

}  // namespace

interval ranges::of(node_id id) {
  while (static_cast<node_id>(found_.size()) <= id) found_.push_back(one(g_[static_cast<node_id>(found_.size())]));
  return found_[static_cast<size_t>(id)];
}

bool ranges::can_overflow(node_id id) {
  const interval all = of(id);
  return std::isinf(all.low) || std::isinf(all.high);
}

interval ranges::one(const node& n) {
  const auto child = [&](int i) { return found_[static_cast<size_t>(n.child[static_cast<size_t>(i)])]; };
  switch (n.operation) {
    case op::constant:
      return {n.value, n.value};
    case op::variable:
      return given_.empty() ? interval{-most_x, most_x} : given_[0];
    case op::parameter:
      return given_.empty() ? interval{-most_parameter, most_parameter} : given_[static_cast<size_t>(1 + n.index)];
    case op::call:
      return call(n);
    case op::choose:
      return hull(child(1), child(2));
    case op::clamp:
      return {std::min(std::max(child(0).low, child(1).low), child(2).high),
              std::max(std::min(child(0).high, child(2).high), child(1).low)};
    default:
      return n.count == 2 ? binary(n.operation, child(0), child(1)) : function(n.operation, child(0));
  }
}

interval ranges::call(const node& n) {
  const function_form& form = known_.of(n.index);
  const node_id formula = n.quantity == part::value  ? form.value
                          : n.quantity == part::grad ? form.grad
                                                     : form.param_grad[static_cast<size_t>(n.by)];
  if (formula == no_node || depth_ == deepest_call) return anything;
  const node& outermost = known_.nodes()[formula];
  const interval argument = found_[static_cast<size_t>(n.child[0])];
  if (outermost.operation == op::call && outermost.index == n.index)  // tanh, whose formula is itself
    return {std::max(-1.0, argument.low), std::min(1.0, argument.high)};
  ranges inner(known_.nodes(), known_);
  inner.depth_ = depth_ + 1;
  for (const node_id c : n.children()) inner.given_.push_back(found_[static_cast<size_t>(c)]);
  inner.given_.resize(max_children, anything);
  for (const node_id id : reachable(known_.nodes(), formula)) {
    inner.found_.resize(static_cast<size_t>(id), anything);
    inner.found_.push_back(inner.one(known_.nodes()[id]));
  }
  return inner.found_.back();
}

}  // namespace gemmact::equation

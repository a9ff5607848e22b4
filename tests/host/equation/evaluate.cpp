#include "tests/host/equation/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "host/cpu/catalogue.hpp"
#include "tests/reference/reference.hpp"

namespace gemmact::test {
namespace {

using equation::graph;
using equation::node;
using equation::node_id;
using equation::op;
using equation::part;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const reference::row* reference_of(const node& n) {
  return reference::find(cpu::catalogue()[static_cast<size_t>(n.index)].name);
}

double called(const node& n, const double* v) {
  const reference::row* row = reference_of(n);
  if (row == nullptr) return nan;
  if (n.quantity == part::value) return row->value(v[0], v + 1);
  if (n.quantity == part::grad) return row->grad(v[0], v + 1);
  if (n.quantity == part::grad_from_output) return row->grad_from_output(v[0], v + 1);
  return row->param_grad == nullptr ? nan : row->param_grad(n.by, v[0], v + 1);
}

template <class T>
T elementary(op operation, const T* v) {
  const T a = v[0];
  switch (operation) {
    case op::negate:
      return -a;
    case op::abs:
      return std::abs(a);
    case op::sign:
      return a > 0 ? T(1) : a < 0 ? T(-1) : a;
    case op::exp:
      return std::exp(a);
    case op::expm1:
      return std::expm1(a);
    case op::log:
      return std::log(a);
    case op::log1p:
      return std::log1p(a);
    case op::sqrt:
      return std::sqrt(a);
    case op::rsqrt:
      return 1 / std::sqrt(a);
    case op::sin:
      return std::sin(a);
    case op::cos:
      return std::cos(a);
    case op::tan:
      return std::tan(a);
    case op::atan:
      return std::atan(a);
    case op::sinh:
      return std::sinh(a);
    case op::cosh:
      return std::cosh(a);
    case op::asinh:
      return std::asinh(a);
    case op::erf:
      return std::erf(a);
    default:
      return std::numeric_limits<T>::quiet_NaN();
  }
}

// Conditions are 1 and 0.
template <class T>
T result(const node& n, const T* v) {
  switch (n.operation) {
    case op::call: {
      double wide[equation::max_children];
      std::copy(v, v + n.count, wide);
      return static_cast<T>(called(n, wide));
    }
    case op::add:
      return v[0] + v[1];
    case op::subtract:
      return v[0] - v[1];
    case op::multiply:
      return v[0] * v[1];
    case op::divide:
      return v[0] / v[1];
    case op::power:  // the square root of -infinity is NaN, by any name
      return v[0] < 0 && v[1] != std::floor(v[1]) ? std::numeric_limits<T>::quiet_NaN() : std::pow(v[0], v[1]);
    case op::less:
      return v[0] < v[1];
    case op::at_most:
      return v[0] <= v[1];
    case op::greater:
      return v[0] > v[1];
    case op::at_least:
      return v[0] >= v[1];
    case op::equal:
      return v[0] == v[1];
    case op::unequal:
      return v[0] != v[1];
    case op::both:
      return v[0] * v[1];
    case op::either:
      return v[0] + v[1] > 0;
    case op::deny:
      return 1 - v[0];
    case op::choose:
      return v[0] == 1 ? v[1] : v[2];
    case op::clamp:
      return v[0] < v[1] ? v[1] : v[0] > v[2] ? v[2] : v[0];
    case op::min:
      return std::isnan(v[0]) || std::isnan(v[1]) ? std::numeric_limits<T>::quiet_NaN() : std::min(v[0], v[1]);
    case op::max:
      return std::isnan(v[0]) || std::isnan(v[1]) ? std::numeric_limits<T>::quiet_NaN() : std::max(v[0], v[1]);
    default:
      return elementary(n.operation, v);
  }
}

double slope_of_function(op operation, double a, double f) {
  switch (operation) {
    case op::negate:
      return -1;
    case op::abs:
      return a > 0 ? 1 : a < 0 ? -1 : 0;
    case op::exp:
      return f;
    case op::expm1:
      return std::exp(a);
    case op::log:
      return 1 / a;
    case op::log1p:
      return 1 / (1 + a);
    case op::sqrt:
      return 1 / (2 * f);
    case op::rsqrt:
      return -f / (2 * a);
    case op::sin:
      return std::cos(a);
    case op::cos:
      return -std::sin(a);
    case op::tan:
      return 1 / (std::cos(a) * std::cos(a));
    case op::atan:
      return 1 / (1 + a * a);
    case op::sinh:
      return std::cosh(a);
    case op::cosh:
      return std::sinh(a);
    case op::asinh:
      return 1 / std::hypot(1, a);
    case op::erf:
      return 2 / std::sqrt(std::acos(-1.0)) * std::exp(-a * a);
    default:  // sign and conditions
      return 0;
  }
}

dual constant() { return {0, 0, true, false}; }
dual scaled(const dual& d, double by) { return d.constant ? constant() : dual{0, d.derivative * by, false, false}; }
// Two choices may each say 0: that is a sum as any other.
dual sum(const graph& g, const node& n, const dual& a, const dual& b) {
  int varying = 0;
  for (const node_id c : n.children()) varying += g[c].varies ? 1 : 0;
  return {0, a.derivative + b.derivative, a.constant && b.constant && varying < 2, false};
}

// A derivative of 0 is a side of a function's choice, unless a parameter that is 0 makes it so, or an exponential.
dual call_slope(const graph& g, const node& n, const double* v, const dual* d) {
  const reference::row* row = reference_of(n);
  if (row == nullptr || n.quantity != part::value) return {0, nan, false, false};
  const double grad = row->grad(v[0], v + 1);
  bool chosen = grad == 0 && cpu::catalogue()[static_cast<size_t>(n.index)].has_bit;
  for (const node_id parameter : n.children().subspan(1)) chosen = chosen && !g[parameter].varies;
  dual all = chosen ? constant() : scaled(d[0], grad);
  for (int p = 0; p + 1 < n.count; ++p)
    if (!d[p + 1].constant)
      all = sum(g, n, all, scaled(d[p + 1], row->param_grad == nullptr ? nan : row->param_grad(p, v[0], v + 1)));
  return all;
}

// The derivative of a node, whose result is f, from its children's values and derivatives.
dual slope(const graph& g, const node& n, double f, const double* v, const dual* d) {
  switch (n.operation) {
    case op::call:
      return call_slope(g, n, v, d);
    case op::add:
      return sum(g, n, d[0], d[1]);
    case op::subtract:
      return sum(g, n, d[0], scaled(d[1], -1));
    case op::multiply:
      return sum(g, n, scaled(d[0], v[1]), scaled(d[1], v[0]));
    case op::divide:
      return sum(g, n, scaled(d[0], 1 / v[1]), scaled(scaled(d[1], 1 / v[1]), -f));
    case op::power:
      return sum(g, n, scaled(d[0], v[1] * std::pow(v[0], v[1] - 1)),
                 v[0] == 0 && v[1] > 0 ? constant() : scaled(d[1], f * std::log(v[0])));
    case op::choose:
      return v[0] == 1 ? d[1] : d[2];
    case op::clamp:
      return v[0] <= v[1] ? d[1] : v[0] >= v[2] ? d[2] : d[0];
    case op::min:
    case op::max: {
      const auto changes = [&](int i) {
        return g[n.child[static_cast<size_t>(i)]].has_x + g[n.child[static_cast<size_t>(i)]].varies;
      };
      if (v[0] == v[1]) return changes(0) <= changes(1) ? d[0] : d[1];
      return (v[0] > v[1]) == (n.operation == op::max) ? d[0] : d[1];
    }
    case op::abs:
      return v[0] == 0 ? constant() : scaled(d[0], slope_of_function(op::abs, v[0], f));
    case op::sign:
      return constant();
    default:
      return n.count == 1 ? scaled(d[0], slope_of_function(n.operation, v[0], f)) : constant();
  }
}

template <class T>
T leaf(const node& n, const point& at) {
  if (n.operation == op::constant) return static_cast<T>(n.value);
  return static_cast<T>(n.operation == op::variable ? at.x : at.parameters[static_cast<size_t>(n.index)]);
}

template <class T>
T value_in(const graph& g, node_id root, const point& at) {
  std::vector<T> values(static_cast<size_t>(root) + 1);
  for (const node_id id : reachable(g, root)) {
    const node& n = g[id];
    T children[equation::max_children];
    for (int i = 0; i < n.count; ++i) children[i] = values[static_cast<size_t>(n.child[static_cast<size_t>(i)])];
    values[static_cast<size_t>(id)] = n.count == 0 ? leaf<T>(n, at) : result<T>(n, children);
  }
  return values[static_cast<size_t>(root)];
}

}  // namespace

float in_f32(const graph& g, node_id root, const point& at) { return value_in<float>(g, root, at); }
double value_of(const graph& g, node_id root, const point& at) { return value_in<double>(g, root, at); }
double operation_result(const node& n, const double* children) { return result<double>(n, children); }

dual dual_of(const graph& g, node_id root, const point& at, int by, double noise, random_source* random) {
  std::vector<dual> all(static_cast<size_t>(root) + 1);
  bool overflowed = false;
  for (const node_id id : reachable(g, root)) {
    const node& n = g[id];
    dual& now = all[static_cast<size_t>(id)];
    if (n.count == 0) {
      const bool self = n.operation == op::variable ? by < 0 : n.operation == op::parameter && by == n.index;
      now = {leaf<double>(n, at), self ? 1.0 : 0.0, !self, false};
      continue;
    }
    double v[equation::max_children];
    dual d[equation::max_children];
    for (int i = 0; i < n.count; ++i) {
      d[i] = all[static_cast<size_t>(n.child[static_cast<size_t>(i)])];
      v[i] = d[i].value;
    }
    const double value = result<double>(n, v);
    now = slope(g, n, value, v, d);
    now.value = value;
    overflowed |= !std::isfinite(value) || !std::isfinite(now.derivative);
    if (noise == 0 || is_condition(n)) continue;
    now.value *= 1 + noise * (2 * random->uniform() - 1);
    if (value == 0) now.value = std::copysign(0.0, random->uniform() - 0.5);  // rewriting may change a zero's sign
    now.derivative *= 1 + noise * (2 * random->uniform() - 1);
  }
  all[static_cast<size_t>(root)].overflowed = overflowed;
  return all[static_cast<size_t>(root)];
}

dual sensitivity(const graph& g, node_id root, const point& at, int by, uint64_t seed) {
  const dual exact = dual_of(g, root, at, by);
  random_source random(seed);
  const auto farther = [](double& most, double change) { most = !(change <= most) ? change : most; };  // NaN stays
  dual most{0, 0};
  for (int run = 0; run < 4; ++run) {
    const dual moved = dual_of(g, root, at, by, 1e-12, &random);
    farther(most.value, std::abs(moved.value - exact.value));
    farther(most.derivative, std::abs(moved.derivative - exact.derivative));
    if (!std::isfinite(most.value) || !std::isfinite(most.derivative)) break;
  }
  return most;
}

}  // namespace gemmact::test

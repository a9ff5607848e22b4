#include "tests/host/equation/rounding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/bounds.hpp"

namespace gemmact::test {
namespace {

using equation::graph;
using equation::max_children;
using equation::node;
using equation::node_id;
using equation::op;
using equation::part;

constexpr double largest = std::numeric_limits<float>::max();

// The larger of the CPU's and a GPU's: relative in units, with so much more for each 1 of |x|; in fast mode relative and
// absolute.
struct stated {
  double ulps, per_x, relative, absolute;
};

stated stated_of(op operation) {
  switch (operation) {
    case op::negate:
    case op::abs:
    case op::sign:
    case op::min:
    case op::max:
    case op::clamp:
    case op::choose:
      return {0, 0, 0, 0};
    case op::divide:
      return {4, 0, 0x1p-22, 0};
    case op::power:
      return {6, 0, 0x1p-14, 0};  // and more, below
    case op::exp:
      return {11, 0.06, 0x1p-13, 0};
    case op::expm1:
      return {2.5, 0, 0x1p-13, 0x1p-20};
    case op::log:
    case op::log1p:
      return {3, 0, 0x1p-18, 0x1p-21};
    case op::sqrt:
    case op::rsqrt:
      return {3, 0, 0x1p-21, 0};
    case op::sin:
    case op::cos:
      return {3.5, 0, 0x1p-14, 0x1p-20};
    case op::tan:
      return {5, 0, 0x1p-12, 0x1p-20};
    case op::atan:
      return {3.5, 0, 0x1p-14, 0};
    case op::sinh:
    case op::cosh:
      return {3, 0, 0x1p-14, 0};
    case op::asinh:
      return {3.5, 0, 0x1p-16, 0x1p-21};
    case op::erf:
      return {12, 0, 0x1p-12, 0};
    default:
      return {1, 0, 0x1p-23, 0};
  }
}

double of_call(const node& n, const double* v, double result, const rounding& by) {
  if (by.unit < 0x1p-24) return by.unit * std::abs(result);
  const function& f = functions().at(static_cast<size_t>(n.index));
  subject s{setting{&f}, quantity::value, n.by};
  if (n.quantity == part::grad) s.what = quantity::grad;
  if (n.quantity == part::param_grad) s.what = quantity::param_grad;
  if (n.quantity == part::grad_from_output) s.what = quantity::grad_from_output;
  for (int i = 0; i + 1 < n.count; ++i) s.use.exact[i] = v[i + 1], s.use.p[i] = static_cast<float>(v[i + 1]);
  // A hinge's product is exact of targets 1 and -1 alone.
  const double product = f.name == "hinge" && n.quantity == part::value ? by.unit * std::abs(v[0] * v[1]) : 0;
  return s.allowed(v[0], result, by.fast ? accuracy::fast : accuracy::accurate) +
         f.info->device_tolerance * std::abs(result) + product;
}

// What an operation adds to the errors of its operands, of which v[1] is 0 where there is but one.
double own_error(const node& n, const double* v, double result, const rounding& by) {
  if (n.operation == op::call) return of_call(n, v, result, by);
  const stated s = stated_of(n.operation);
  if (s.ulps == 0) return 0;
  const double size = std::abs(result);
  if (by.fast) {
    const double logarithm = n.operation == op::power ? std::max(1.0, std::abs(std::log2(std::abs(v[0])))) : 0;
    return (s.relative + 0x1p-19 * std::abs(v[1]) * logarithm) * size + s.absolute + 0x1p-126;
  }
  // A product of many f32, and of exponentials, may be rounded below the normal range once more.
  const bool reduces = n.operation == op::sin || n.operation == op::cos || n.operation == op::tan;
  const double of_pi = reduces ? 0x1p-53 * std::abs(v[0]) * (1 + result * result) : 0;
  return by.unit * (s.ulps + s.per_x * std::abs(v[0])) * size + of_pi + 0x1p-148;
}

bool is_comparison(op o) { return o >= op::less && o <= op::unequal; }

// How far operands that are off by their errors move a result.
double moved(const node& n, const double* v, const double* errors, double result) {
  double all = 0;
  for (int i = 0; i < n.count; ++i) {
    if (errors[i] == 0 || !std::isfinite(v[i])) continue;
    double most = 0;
    for (const double share : {-1.0, -0.5, 0.5, 1.0}) {
      double near[max_children];
      std::copy(v, v + n.count, near);
      near[i] += share * errors[i];
      const double change = std::abs(operation_result(n, near) - result);
      if (std::isnan(change)) return change;
      most = std::max(most, change);
    }
    all += most;
  }
  return 1.25 * all;  // what is off in two operands at once, and between the points looked at
}

// A GPU's quotients are as stated for divisors from 2^-126 to 2^126; of one that may as well be 0, anything may come.
bool is_divided_badly(const node& n, const double* v, const double* errors) {
  if (n.operation != op::divide) return false;
  const double size = std::abs(v[1]);
  return !(size >= 0x1p-126) || size <= errors[1] || (size > 0x1p126 && std::isfinite(size));
}

bounded one(const node& n, const bounded* children, const rounding& by) {
  double v[max_children] = {}, errors[max_children] = {};
  for (int i = 0; i < n.count; ++i) {
    // The side of a choice that is not taken may be anything.
    const bool matters = n.operation != op::choose || i == 0 || (i == 1) == (children[0].value == 1);
    if (matters && !children[i].known) return {0, 0, false};
    v[i] = matters ? children[i].value : 0, errors[i] = matters ? children[i].error : 0;
    // Fast functions of a GPU take what is subnormal for 0.
    const bool taken_for_0 = by.fast && std::abs(v[i]) < 0x1p-126 && stated_of(n.operation).ulps > 1;
    if (taken_for_0) errors[i] = std::max(errors[i], std::abs(v[i]));
  }
  bounded now{operation_result(n, v), 0, true};
  if (is_comparison(n.operation)) {
    const double errors_of_both = errors[0] + errors[1];
    now.known = errors_of_both == 0 || !(std::abs(v[0] - v[1]) <= errors_of_both);
    return now;
  }
  if (is_condition(n)) return now;
  if (n.operation == op::sign) return {now.value, 0, errors[0] == 0 || std::abs(v[0]) > errors[0]};
  now.error = moved(n, v, errors, now.value) + (std::isfinite(now.value) ? own_error(n, v, now.value, by) : 0);
  const bool overflows = std::isfinite(now.value) && !(std::abs(now.value) + now.error < largest);
  if (overflows || !std::isfinite(now.error) || is_divided_badly(n, v, errors)) now.known = false;
  return now;
}

}  // namespace

bool bounded::allows(double result) const {
  if (!std::isfinite(value)) return std::isnan(value) ? std::isnan(result) : result == value;
  return std::abs(result - value) <= error;
}

bounded bounded_value(const graph& g, node_id root, const point& at, const rounding& by) {
  std::vector<bounded> all(static_cast<size_t>(root) + 1);
  for (const node_id id : reachable(g, root)) {
    const node& n = g[id];
    bounded& now = all[static_cast<size_t>(id)];
    if (n.operation == op::constant) {
      now = {n.value, std::isfinite(n.value) ? std::abs(double(static_cast<float>(n.value)) - n.value) : 0, true};
    } else if (n.count == 0) {
      now = {n.operation == op::variable ? at.x : at.parameters[static_cast<size_t>(n.index)], 0, true};
    } else {
      std::vector<bounded> children;
      for (const node_id c : n.children()) children.push_back(all[static_cast<size_t>(c)]);
      now = one(n, children.data(), by);
    }
  }
  return all[static_cast<size_t>(root)];
}

}  // namespace gemmact::test

#include "host/equation/dual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "host/equation/dual_number.hpp"

namespace gemmact::equation {
namespace {

using namespace dual_numbers;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest_f32 = std::numeric_limits<float>::max();
constexpr double smallest = 0x1p-110;  // functions may flush subnormal numbers, and scale what is left by x

// What is done to each result besides computing it.
struct disturbance {
  double relative = 0;  // each result is off by up to that much; a zero's sign is drawn
  bool f32 = false;     // constants are f32's, the smallest results may be lost, those beyond its largest are noted
  bool flush = false;   // the smallest results become 0
  bool round = false;   // results are rounded to f32, and that is all
  bool overflowed = false, in_call = false;
  uint64_t state = 0;

  double draw() {  // from -1 to 1
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return static_cast<double>(z >> 11) * 0x1p-52 - 1;
  }
  void move(double& v) {
    if (round) v = static_cast<double>(static_cast<float>(v));
    if (relative == 0) return;
    if (f32 && !in_call && std::abs(v) > largest_f32) overflowed = true;
    if (v == 0) v = std::copysign(0.0, draw());
    else if (flush && std::abs(v) < smallest) v = std::copysign(0.0, v);
    else v = v * (1 + relative * draw()) + (f32 ? smallest * draw() : 0.0);
  }
  template <class T>
  void move(dual<T>& v) {
    move(v.value);
    if (!v.constant) move(v.slope);
  }
};

// What overflows in a formula need not do so in the function.
class calling {
 public:
  explicit calling(disturbance& noise) : noise_(noise), before_(std::exchange(noise.in_call, true)) {}
  ~calling() { noise_.in_call = before_; }
  calling(const calling&) = delete;
  calling& operator=(const calling&) = delete;

 private:
  disturbance& noise_;
  const bool before_;
};

struct formula_orders {
  const forms& known;
  const std::vector<std::vector<node_id>>& of;
};

special special_of(std::string_view name) {
  return name == "sigmoid"    ? special::sigmoid
         : name == "tanh"     ? special::tanh
         : name == "softplus" ? special::softplus
                              : special::none;
}

constexpr int deepest = 2;  // slopes of slopes

template <class T, int depth>
class evaluator {
 public:
  evaluator(const graph& g, const formula_orders& formulas, disturbance& noise)
      : g_(g), formulas_(formulas), noise_(noise) {}

  T of(const std::vector<node_id>& order, const T& x, const std::array<T, max_params>& parameters) {
    return every(order, x, parameters).back();
  }

  std::vector<T> every(const std::vector<node_id>& order, const T& x, const std::array<T, max_params>& parameters) {
    std::vector<T> all(static_cast<size_t>(std::max(order.back(), 0)) + 1);
    for (const node_id id : order) {
      const node& n = g_[id];
      T& now = all[static_cast<size_t>(id)];
      if (n.operation == op::constant) {
        now = T(noise_.f32 ? static_cast<double>(static_cast<float>(n.value)) : n.value);
        continue;
      }
      if (n.count == 0) {
        now = n.operation == op::variable ? x : parameters[static_cast<size_t>(n.index)];
        continue;
      }
      std::array<T, max_children> v{};
      for (size_t i = 0; i < v.size() && i < static_cast<size_t>(n.count); ++i)
        v[i] = all[static_cast<size_t>(n.child[i])];
      now = n.operation == op::call ? called(n, v) : result(n, v);
      if (!is_condition(n)) noise_.move(now);
    }
    return all;
  }

 private:
  T called(const node& n, const std::array<T, max_children>& v) {
    const special s = special_of(formulas_.known.functions()[static_cast<size_t>(n.index)].name);
    if (n.quantity == part::value && s != special::none) return function(s, v[0]);
    if (n.quantity == part::grad && s != special::none) return slope_of<T>(s, v[0]);
    // Of f32 a call's value is off as a whole, and not as its formula would be; a derivative may cancel, as that does.
    disturbance still;
    disturbance& within = noise_.f32 && n.quantity == part::value ? still : noise_;
    const calling now(within);
    if (n.quantity == part::value) return formula<T, depth>(n, v, within);
    if constexpr (depth < deepest) {
      std::array<dual<T>, max_children> wide{};
      const size_t seed = n.quantity == part::grad ? 0 : 1 + static_cast<size_t>(n.by);
      for (size_t i = 0; i < v.size(); ++i) wide[i] = dual<T>(v[i], T(i == seed ? 1.0 : 0.0), i != seed);
      if (n.quantity != part::grad_from_output) return formula<dual<T>, depth + 1>(n, wide, within).slope;
    }
    return T(nan);
  }

  template <class U, int d>
  U formula(const node& n, const std::array<U, max_children>& v, disturbance& within) {
    const std::vector<node_id>& order = formulas_.of[static_cast<size_t>(n.index)];
    if (order.empty()) return U(nan);
    std::array<U, max_params> parameters{};
    std::copy(v.begin() + 1, v.end(), parameters.begin());
    return evaluator<U, d>(formulas_.known.nodes(), formulas_, within).of(order, v[0], parameters);
  }

  // Conditions are 1 and 0.
  T result(const node& n, const std::array<T, max_children>& v) {
    const double a = real(v[0]), b = n.count > 1 ? real(v[1]) : 0, c = n.count > 2 ? real(v[2]) : 0;
    switch (n.operation) {
      case op::add:
        return v[0] + v[1];
      case op::subtract:
        return v[0] - v[1];
      case op::multiply:
        return v[0] * v[1];
      case op::divide:
        return v[0] / v[1];
      case op::power:
        return power(v[0], v[1]);
      case op::choose:
        return a == 1 ? v[1] : v[2];
      case op::clamp:
        return std::isnan(a) ? v[0] : a <= b ? v[1] : a >= c ? v[2] : v[0];
      case op::min:
      case op::max:
        if (std::isnan(a) || std::isnan(b)) return std::isnan(a) ? v[0] : v[1];
        if (a == b) return v[changes(n.child[0]) <= changes(n.child[1]) ? 0 : 1];
        return v[(a > b) == (n.operation == op::max) ? 0 : 1];
      default:
        return is_condition(n) ? T(holds(n.operation, a, b) ? 1.0 : 0.0) : function(n.operation, v[0]);
    }
  }

  // At a tie the operand that changes less says the derivative.
  int changes(node_id id) const { return int{g_[id].has_x} + int{g_[id].varies}; }

  const graph& g_;
  const formula_orders& formulas_;
  disturbance& noise_;
};

// The answer without disturbance, and the farthest that some disturbed ones lie from it. NaN and infinities, too, are far.
template <class Evaluate>
oracle_answer disturbed(const Evaluate& evaluate, double relative, int runs) {
  disturbance none;
  oracle_answer answer{evaluate(none), 0};
  disturbance noise;
  noise.relative = relative;
  for (int run = 0; run < runs; ++run) {
    const double moved = evaluate(noise);
    const double change =
        moved == answer.value || (std::isnan(moved) && std::isnan(answer.value)) ? 0.0 : std::abs(moved - answer.value);
    if (!(change <= answer.doubt)) answer.doubt = std::isnan(change) ? infinity : change;
  }
  return answer;
}

}  // namespace

oracle::oracle(const graph& g, node_id root, const forms& known)
    : g_(g), known_(known), order_(reachable(g, root)), formulas_(known.functions().size()) {
  for (size_t f = 0; f < formulas_.size(); ++f)
    if (const node_id formula = known.of(static_cast<int>(f)).value; formula != no_node)
      formulas_[f] = reachable(known.nodes(), formula);
}

oracle_answer oracle::value(const probe& at) const {
  return disturbed(
      [&](disturbance& noise) {
        return evaluator<double, 0>(g_, {known_, formulas_}, noise).of(order_, at.x, at.parameters);
      },
      0x1p-51, 3);
}

std::vector<double> oracle::every_value(const probe& at) const {
  disturbance none;
  return evaluator<double, 0>(g_, {known_, formulas_}, none).every(order_, at.x, at.parameters);
}

double step_beside(double x) { return x == 0 ? 1e-30 : std::abs(x) * 0x1p-44; }

bool is_of_no_side(const surroundings& s) {
  const auto [low, high] = std::minmax(s.derivative[0], s.derivative[2]);
  if (!std::isfinite(low) || !std::isfinite(high)) return false;
  const double steepness = std::abs(low) + std::abs(high), margin = s.doubt + 1e-9 * steepness + 1e-15;
  const double jump = 1e-9 * std::abs(s.value[1]) + 4 * s.step * steepness + 1e-14;
  return (s.derivative[1] < low - margin || s.derivative[1] > high + margin) &&
         std::abs(s.value[0] - s.value[1]) <= jump && std::abs(s.value[2] - s.value[1]) <= jump;
}

oracle_answer oracle::derivative(const probe& at, int by) const {
  surroundings near{step_beside(at.x), {}, {}, 0};
  std::array<oracle_answer, 3> answers;
  for (size_t i = 0; i < answers.size(); ++i) {
    const probe beside = {at.x + (static_cast<double>(i) - 1) * near.step, at.parameters};
    answers[i] = slope(beside, by);
    near.value[i] = every_value(beside).back();
    near.derivative[i] = answers[i].value;
    near.doubt += answers[i].doubt;
  }
  return answers[is_of_no_side(near) ? 0 : 1];
}

oracle_answer oracle::slope(const probe& at, int by) const {
  using number = dual<double>;
  const auto seeded = [&](double v, bool varies) { return number(v, varies ? 1.0 : 0.0, !varies); };
  std::array<number, max_params> parameters{};
  for (int p = 0; p < max_params; ++p)
    parameters[static_cast<size_t>(p)] = seeded(at.parameters[static_cast<size_t>(p)], by == p);
  const auto evaluate = [&](disturbance& noise) {
    return evaluator<number, 1>(g_, {known_, formulas_}, noise).of(order_, seeded(at.x, by == by_x), parameters);
  };
  disturbance none;
  if (std::isnan(evaluate(none).value)) return {nan, infinity};
  return disturbed([&](disturbance& noise) { return evaluate(noise).slope; }, 0x1p-51, 3);
}

double oracle::rounding(const probe& at) const {
  const auto evaluate = [&](disturbance& noise) {
    return evaluator<double, 0>(g_, {known_, formulas_}, noise).of(order_, at.x, at.parameters);
  };
  disturbance none;
  const double exact = evaluate(none);
  disturbance noise;
  noise.relative = 0x1p-21;
  noise.f32 = true;
  disturbance rounded;
  rounded.f32 = rounded.round = true;
  const double farthest = std::abs(evaluate(rounded) - exact);  // what is small may vanish beside what is large
  if (std::isnan(farthest)) return infinity;
  double most = farthest;
  for (int run = 0; run < 12; ++run) {
    noise.flush = run % 2 == 1;
    const double change = std::abs(evaluate(noise) - exact);
    if (noise.overflowed || std::isnan(change)) return infinity;
    most = std::max(most, change);
  }
  return most;
}

double ulp_at(double value) {
  const double size = std::min(std::abs(value), largest_f32);
  return std::ldexp(1.0, std::max(size > 0 ? std::ilogb(size) : -126, -126) - 23);
}

verdict compare(float computed, const oracle_answer& exact, double rounding) {
  const double got = computed, wanted = exact.value;
  if (got == wanted || (std::isnan(got) && std::isnan(wanted)) || computed == static_cast<float>(wanted))
    return {verdict::kind::agrees, 0, 0};
  if (!std::isfinite(rounding)) {
    const bool has_value = std::isfinite(wanted) && std::abs(wanted) + 4 * exact.doubt < largest_f32;
    return {!std::isfinite(got) && has_value ? verdict::kind::overflows : verdict::kind::beyond_f32, 0, 0};
  }
  if (!std::isfinite(wanted) || !std::isfinite(exact.doubt)) return {verdict::kind::left_out, 0, 0};
  const double ulp = ulp_at(wanted), allowed = 4 * rounding + 4 * exact.doubt + 4 * ulp;
  const bool other_sign = std::isinf(got) && std::signbit(got) != std::signbit(wanted) && std::abs(wanted) > allowed;
  if (!std::isfinite(got) && std::abs(wanted) + allowed >= largest_f32 && !other_sign)
    return {verdict::kind::beyond_f32, 0, 0};
  if (!std::isfinite(got)) return {verdict::kind::differs, infinity, infinity};
  const double error = std::abs(got - wanted);
  const bool decided_by_rounding = error > allowed && 64 * rounding > std::max(std::abs(wanted), std::abs(got));
  if (decided_by_rounding) return {verdict::kind::beyond_f32, 0, 0};
  const verdict told{error > allowed ? verdict::kind::differs : verdict::kind::agrees, error / ulp, error / allowed};
  const bool doubtful = exact.doubt > std::max(rounding, ulp);
  return told.is == verdict::kind::agrees && doubtful ? verdict{verdict::kind::left_out, 0, 0} : told;
}

void tally::add(float x, float result, const oracle_answer& wanted, double rounding) {
  const verdict v = compare(result, wanted, rounding);
  switch (v.is) {
    case verdict::kind::left_out:
      ++left_out;
      return;
    case verdict::kind::overflows:
      if (overflow++ == 0 || std::abs(x) < std::abs(overflow_at)) overflow_at = x;
      return;
    case verdict::kind::beyond_f32:
      ++beyond_f32;
      return;
    default:
      ++(v.is == verdict::kind::agrees ? agree : differ);
  }
  if (v.ulps > worst_ulps) worst_ulps = v.ulps, worst_ulps_at = x;
  if (v.of_bound > worst_of_bound) worst_of_bound = v.of_bound, worst_at = x, computed = result, exact = wanted.value;
}

}  // namespace gemmact::equation

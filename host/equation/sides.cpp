#include "host/equation/sides.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "host/equation/dual.hpp"
#include "host/equation/real.hpp"
#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

constexpr int most_meetings = 4;
constexpr std::array<std::array<double, max_params>, 4> samples = {
    {{1.5, 0.75, 2.5, 0.625}, {0.375, 1.25, 3.5, 2.75}, {-0.875, 2.25, -1.75, 1.125}, {2.125, -1.375, 0.4375, -2.625}}};
constexpr double tolerance = 1e-9;

bool is_near(double a, double b, double size) { return std::abs(a - b) <= tolerance * size; }

using by_sample = std::array<double, samples.size()>;

// An x where conditions, or signs, change: the x and the way to the right, for each sample, and what each condition, or sign, is
// at the left. Where the x depends on parameters, that is where what is compared first is negative, if its sign does.
struct meeting {
  by_sample x{}, right{};
  node_id first = no_node;
  std::map<node_id, double> at_left;
};

class sides {
 public:
  sides(graph& g, node_id value, const forms& known) : g_(g), value_(value), known_(known) {}

  node_id of(node_id derivative) {
    for (const meeting& m : meetings(derivative)) {
      const node_id left = left_of(m, derivative), tie = at_tie(m);
      if (left == no_node) continue;
      const node_id elsewhere = rewritten(derivative, {{tie, truth(false)}});
      derivative = simple_node(g_, op::choose, {tie, left, elsewhere});
    }
    return derivative;
  }

 private:
  static bool compares(const node& n) {
    return n.operation == op::sign || (is_condition(n) && row_of(n.operation).takes == kind::number);
  }

  std::vector<meeting> meetings(node_id root) const {
    std::vector<node_id> changing;
    for (const node_id id : reachable(g_, root))
      if (g_[id].has_x && compares(g_[id])) changing.push_back(id);
    std::vector<meeting> all;
    if (changing.empty()) return all;
    const oracle exact(g_, root, known_);
    std::array<std::array<std::vector<double>, line_xs.size()>, samples.size()> values;
    for (size_t s = 0; s < samples.size(); ++s)
      for (size_t i = 0; i < line_xs.size(); ++i) values[s][i] = exact.every_value({line_xs[i], samples[s]});
    for (const node_id id : changing)
      if (meeting m; all.size() < most_meetings && is_line(g_[id], values, m)) add(all, id, m);
    if (std::none_of(all.begin(), all.end(), [](const meeting& m) { return m.x[0] == 0; })) {
      meeting at_zero;  // where what is no line often is 0
      at_zero.right.fill(1);
      all.push_back(at_zero);
    }
    for (meeting& m : all) gather(m, changing, exact);
    std::erase_if(all, [](const meeting& m) { return m.at_left.empty(); });
    return all;
  }

  double difference(const node& n, const std::vector<double>& values) const {
    return values[static_cast<size_t>(n.child[0])] - (n.count == 2 ? values[static_cast<size_t>(n.child[1])] : 0.0);
  }

  // Is what is compared a straight line in x? Then where it is 0.
  template <class Values>
  bool is_line(const node& n, const Values& values, meeting& found) const {
    by_sample slopes{};
    for (size_t s = 0; s < samples.size(); ++s) {
      std::array<double, line_xs.size()> d{};
      for (size_t i = 0; i < line_xs.size(); ++i) d[i] = difference(n, values[s][i]);
      const double slope = d[1] - d[0], size = std::abs(d[0]) + std::abs(slope);
      for (size_t i = 2; i < line_xs.size(); ++i)
        if (!is_near(d[i], d[0] + slope * line_xs[i], size)) return false;  // nor is NaN
      if (!(std::abs(slope) > tolerance * size)) return false;
      slopes[s] = slope;
      found.x[s] = is_near(d[0], 0, std::abs(slope)) ? 0 : -d[0] / slope;
    }
    const bool one_way = std::all_of(slopes.begin(), slopes.end(), [&](double v) { return v * slopes[0] > 0; });
    for (size_t s = 0; s < samples.size(); ++s) found.right[s] = one_way || slopes[s] > 0 ? 1 : -1;
    return true;
  }

  static void add(std::vector<meeting>& all, node_id id, meeting& found) {
    for (const meeting& m : all) {
      bool same = true;
      for (size_t s = 0; s < samples.size(); ++s)
        same &= is_near(found.x[s], m.x[s], std::abs(m.x[s])) && found.right[s] == m.right[s];
      if (same) return;
    }
    found.first = id;
    all.push_back(found);
  }

  // What changes there, and what it is at the left; nothing, where that depends on parameters.
  void gather(meeting& m, const std::vector<node_id>& changing, const oracle& exact) const {
    std::map<node_id, int> seen;
    for (size_t s = 0; s < samples.size(); ++s) {
      const double step = m.x[s] == 0 ? step_beside(0) : std::abs(m.x[s]) * 0x1p-20;
      const std::vector<double> here = exact.every_value({m.x[s], samples[s]});
      const std::vector<double> left = exact.every_value({m.x[s] - m.right[s] * step, samples[s]});
      for (const node_id id : changing) {
        const node& n = g_[id];
        const double d = difference(n, left), size = std::abs(here[static_cast<size_t>(n.child[0])]);
        if (!is_near(difference(n, here), 0, 1e-3 * size) || std::isnan(d)) continue;
        const std::array<double, 2> compared = {d, 0.0};
        const double is = n.operation == op::sign ? function_of(op::sign, d) : fold(n.operation, compared);
        seen[id] += m.at_left.emplace(id, is).first->second == is ? 1 : 0;
      }
    }
    for (const auto& [id, times] : seen)
      if (times != int{samples.size()}) m.at_left.erase(id);
  }

  // The derivative at the left of a meeting, if at the meeting itself it is neither that nor between that and the right's; otherwise no_node.
  node_id left_of(const meeting& m, node_id derivative) {
    const oracle value(g_, value_, known_), slope(g_, derivative, known_);
    bool needed = false;
    std::array<double, samples.size()> at_left{};
    for (size_t s = 0; s < samples.size(); ++s) {
      surroundings near{step_beside(m.x[s]), {}, {}, 0};
      for (size_t i = 0; i < near.value.size(); ++i) {
        const double x = m.x[s] + (static_cast<double>(i) - 1) * m.right[s] * near.step;
        near.value[i] = value.every_value({x, samples[s]}).back();
        near.derivative[i] = slope.every_value({x, samples[s]}).back();
      }
      at_left[s] = near.derivative[0];
      needed |= is_of_no_side(near);
    }
    if (!needed) return no_node;
    const node_id left = at_the_left(m, derivative);
    const oracle of_left(g_, left, known_);
    for (size_t s = 0; s < samples.size(); ++s) {
      const double found = of_left.every_value({m.x[s], samples[s]}).back();
      if (std::isfinite(at_left[s]) && !is_near(found, at_left[s], 1 + std::abs(at_left[s]))) return no_node;
    }
    return left;
  }

  // Each condition of the meeting as it is there; and x the number that it is at the tie, where it is one.
  node_id at_the_left(const meeting& m, node_id derivative) {
    std::map<node_id, node_id> decided;
    for (const auto& [id, is] : m.at_left)
      decided[id] = g_[id].operation == op::sign ? g_.constant(is) : truth(is != 0);
    const std::optional<double> x = number(m);
    if (x) decided[g_.variable()] = g_.constant(*x);
    const node_id left = rewritten(derivative, std::move(decided));
    return x ? worked_out(left) : left;
  }

  node_id truth(bool value) { return g_.make(value ? op::less : op::greater, {g_.constant(0), g_.constant(1)}); }

  // With other nodes in the place of some.
  node_id rewritten(node_id root, std::map<node_id, node_id> made) {
    for (const node_id id : reachable(g_, root)) {
      if (made.contains(id)) continue;
      const node& n = g_[id];
      std::array<node_id, max_children> children{};
      for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) children[i] = made.at(n.child[i]);
      made[id] = simple_node(g_, n, std::span<const node_id>(children.data(), static_cast<size_t>(n.count)));
    }
    return made.at(root);
  }

  // Calls of numbers are numbers.
  node_id worked_out(node_id root) {
    const std::vector<double> values = oracle(g_, root, known_).every_value({});
    std::map<node_id, node_id> numbers;
    for (const node_id id : reachable(g_, root))
      if (const node& n = g_[id];
          n.operation == op::call && !n.varies && std::isfinite(values[static_cast<size_t>(id)]))
        numbers[id] = g_.constant(values[static_cast<size_t>(id)]);
    return rewritten(root, std::move(numbers));
  }

  // The x of a meeting that does not depend on parameters.
  static std::optional<double> number(const meeting& m) {
    for (const double x : m.x)
      if (!is_near(x, m.x[0], std::abs(m.x[0]))) return std::nullopt;
    return m.x[0];
  }
  node_id at_tie(const meeting& m) {
    if (const std::optional<double> x = number(m)) return g_.make(op::equal, {g_.variable(), g_.constant(*x)});
    const node& n = g_[m.first];
    return g_.make(op::equal, {n.child[0], n.count == 2 ? n.child[1] : g_.constant(0)});
  }

  static constexpr std::array<double, 4> line_xs = {0, 1, 2, -3};

  graph& g_;
  node_id value_;
  const forms& known_;
};

}  // namespace

node_id from_a_side(graph& g, node_id value, node_id derivative, const forms& known) {
  return sides(g, value, known).of(derivative);
}

}  // namespace gemmact::equation

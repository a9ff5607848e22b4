#include "host/equation/at_zero.hpp"

#include <cmath>
#include <limits>

#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

// What is known of a node's value at x = 0: a number; or else, perhaps, that it is finite.
struct knowledge {
  bool known = false, finite = false;
  double value = 0;
};

knowledge number(double value) { return {true, std::isfinite(value), value}; }

using all_known = std::array<knowledge, max_children>;

knowledge product(const knowledge& a, const knowledge& b) {
  const bool zero = (a.known && a.value == 0 && b.finite) || (b.known && b.value == 0 && a.finite);
  return zero ? number(0) : knowledge{};
}

class looking {
 public:
  explicit looking(const forms& known) : known_(known) {}

  // `given`: x and the parameters.
  knowledge of(const graph& g, node_id root, const all_known& given) {
    std::vector<knowledge> all(static_cast<size_t>(root) + 1);
    for (const node_id id : reachable(g, root)) {
      const node& n = g[id];
      all_known children{};
      for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) children[i] = all[static_cast<size_t>(n.child[i])];
      knowledge& own = all[static_cast<size_t>(id)];
      if (n.operation == op::variable) own = given[0];
      else if (n.operation == op::parameter) own = given[1 + static_cast<size_t>(n.index)];
      else own = one(n, children);
    }
    return all[static_cast<size_t>(root)];
  }

 private:
  static constexpr int deepest_call = 3;  // formulas in formulas

  knowledge one(const node& n, const all_known& of) {
    if (n.operation == op::constant) return number(n.value);
    if (n.operation == op::call) return call(n, of);
    if (n.operation == op::choose) {
      if (of[0].known) return of[0].value != 0 ? of[1] : of[2];
      return of[1].known && of[2].known && of[1].value == of[2].value ? of[1] : knowledge{};
    }
    std::array<double, max_children> values{};
    for (size_t i = 0; i < static_cast<size_t>(n.count); ++i) {
      if (!of[i].known) return n.operation == op::multiply ? product(of[0], of[1]) : knowledge{};
      values[i] = of[i].value;
    }
    return number(fold(n.operation, std::span(values.data(), static_cast<size_t>(n.count))));
  }

  // What is 0 for any parameters its row says; else its formula may say it of these.
  knowledge call(const node& n, const all_known& arguments) {
    if (n.quantity != part::value || !arguments[0].known) return {};
    if (arguments[0].value == 0 && known_.functions()[static_cast<size_t>(n.index)].zero_at_zero) return number(0);
    const node_id formula = known_.of(n.index).value;
    if (formula == no_node || depth_ == deepest_call) return {};
    ++depth_;
    const knowledge found = of(known_.nodes(), formula, arguments);
    --depth_;
    return found;
  }

  const forms& known_;
  int depth_ = 0;
};

}  // namespace

bool is_zero_at_zero(const graph& g, node_id root, const forms& known) {
  all_known given;
  given.fill({false, true, 0});
  given[0] = number(0);
  const knowledge found = looking(known).of(g, root, given);
  return found.known && found.value == 0;
}

}  // namespace gemmact::equation

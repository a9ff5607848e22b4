#include "host/equation/print.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

namespace gemmact::equation {
namespace {

// How tightly the grammar binds; a lower one needs parentheses where a higher one is wanted.
enum level : int {
  of_choice,
  of_either,
  of_both,
  of_denial,
  of_comparison,
  of_sum,
  of_product,
  of_sign,
  of_power,
  of_primary
};

struct operator_levels {
  level own, left, right;
};

operator_levels levels_of(op operation) {
  switch (operation) {
    case op::either:
      return {of_either, of_either, of_both};
    case op::both:
      return {of_both, of_both, of_denial};
    case op::add:
    case op::subtract:
      return {of_sum, of_sum, of_product};
    case op::multiply:
    case op::divide:
      return {of_product, of_product, of_sign};
    case op::power:
      return {of_power, of_primary, of_sign};
    default:
      return {of_comparison, of_sum, of_sum};
  }
}

std::string constant_text(double value) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (std::abs(value) == std::numbers::pi) return value < 0 ? "-pi" : "pi";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

class printer {
 public:
  printer(const graph& g, node_id root, const printed& names) : g_(g), names_(names), nodes_(reachable(g, root)) {
    const size_t count = static_cast<size_t>(root) + 1;
    text_.resize(count);
    uses_.resize(count);
    level_.resize(count, of_primary);
    size_.resize(count, 1);
    for (const node_id id : nodes_)
      for (const node_id c : g[id].children()) ++uses_[static_cast<size_t>(c)];
    ++uses_[static_cast<size_t>(root)];
    double size = 0;  // as a tree
    for (const node_id id : nodes_) {
      for (const node_id c : g[id].children()) size_[static_cast<size_t>(id)] += size_[static_cast<size_t>(c)];
      size = size_[static_cast<size_t>(id)];
    }
    defines_ = size > largest_tree;
  }

  std::string whole() {
    std::string definitions;
    for (const node_id id : nodes_) {
      write(id);
      if (!defines_ || id == nodes_.back() || g_[id].count == 0) continue;
      std::string& own = text_[static_cast<size_t>(id)];
      if (uses_[static_cast<size_t>(id)] < 2 && own.size() < longest_text) continue;
      const std::string name = fresh_name();
      definitions += ", " + name + " = " + own;
      own = name;
      level_[static_cast<size_t>(id)] = of_primary;
      uses_[static_cast<size_t>(id)] = std::numeric_limits<int>::max();
    }
    return text_[static_cast<size_t>(nodes_.back())] + definitions;
  }

 private:
  static constexpr double largest_tree = 150;  // nodes that are written without definitions
  static constexpr size_t longest_text = 400;  // what is longer becomes a definition

  std::string fresh_name() {
    for (;;) {
      std::string name = "t" + std::to_string(++last_name_);
      bool taken = false;
      for (const parameter_info& p : names_.parameters) taken |= p.name == name;
      if (!taken) return name;
    }
  }

  // A child's text, in parentheses where it binds less than `wanted`.
  std::string child(node_id id, level wanted) {
    std::string& own = text_[static_cast<size_t>(id)];
    const level bound = level_[static_cast<size_t>(id)];
    const bool plain = names_.all_parentheses && wanted > of_choice && bound < of_primary;
    if (bound < wanted || plain) return "(" + own + ")";
    // The last use takes it, so that a long chain is not copied again and again.
    return --uses_[static_cast<size_t>(id)] == 0 ? std::move(own) : own;
  }

  void write(node_id id) {
    const node& n = g_[id];
    std::string& own = text_[static_cast<size_t>(id)];
    level& bound = level_[static_cast<size_t>(id)];
    if (n.operation == op::constant) {
      own = constant_text(n.value);
      if (own.front() == '-') bound = of_sign;
    } else if (n.operation == op::variable) {
      own = "x";
    } else if (n.operation == op::parameter) {
      own = names_.parameters[static_cast<size_t>(n.index)].name;
    } else if (n.operation == op::call) {
      own = called(n);
    } else if (const operation_row& row = row_of(n.operation); row.is_function) {
      own = std::string(row.spelling) + "(";
      for (int i = 0; i < n.count; ++i) own += (i == 0 ? "" : ", ") + child(n.child[static_cast<size_t>(i)], of_choice);
      own += ")";
    } else {
      own = operators(n, row, bound);
    }
  }

  std::string operators(const node& n, const operation_row& row, level& bound) {
    if (row.operation == op::choose) {
      bound = of_choice;
      std::string text = child(n.child[0], of_either);
      text += " ? " + child(n.child[1], of_choice);
      return text + " : " + child(n.child[2], of_choice);
    }
    if (row.children == 1) {
      bound = row.operation == op::deny ? of_denial : of_sign;
      // "!x < 3" is right and reads wrong.
      return std::string(row.spelling) + child(n.child[0], row.operation == op::deny ? of_primary : bound);
    }
    const operator_levels levels = levels_of(row.operation);
    bound = levels.own;
    std::string text = child(n.child[0], levels.left);
    const bool tight = row.operation == op::power;
    text += tight ? "^" : " " + std::string(row.spelling) + " ";
    return text += child(n.child[1], levels.right);
  }

  std::string called(const node& n) {
    const core::activation_info& info = names_.functions[static_cast<size_t>(n.index)];
    std::string text = info.name;
    if (n.quantity != part::value) text += "'";
    if (n.quantity == part::param_grad) text += info.params[n.by].name;
    text += "(" + child(n.child[0], of_choice);
    for (int i = 0; i < info.param_count; ++i) {
      const node_id value = n.child[static_cast<size_t>(1 + i)];
      if (info.params[i].is_operand == 0 && g_.is_constant(value, default_of(info.params[i]))) continue;
      text += std::string(", ") + info.params[i].name + "=" + child(value, of_choice);
    }
    return text + ")";
  }

  const graph& g_;
  const printed& names_;
  std::vector<node_id> nodes_;
  std::vector<std::string> text_;
  std::vector<int> uses_;  // how many more times a node's text is wanted
  std::vector<level> level_;
  std::vector<double> size_;
  bool defines_ = false;
  int last_name_ = 0;
};

}  // namespace

std::string print(const graph& g, node_id root, const printed& names) { return printer(g, root, names).whole(); }

std::string print(const declaration& d, core::catalogue functions, bool all_parentheses) {
  const std::string body = print(d.nodes, d.root, {functions, d.parameters, all_parentheses});
  if (d.parameters.empty()) return body;
  std::string head = (d.name.empty() ? "f" : d.name) + "(x";
  for (size_t i = 0; i < d.parameters.size(); ++i) {
    const parameter_info& p = d.parameters[i];
    head += (i == 0 ? "; " : ", ") + p.name + (p.per_column ? "[n]" : "");
    if (!p.operand) head += "=" + constant_text(p.default_value);
  }
  return head + ") = " + body;
}

}  // namespace gemmact::equation

#include "host/equation/parse.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "host/core/names.hpp"
#include "host/core/nearest.hpp"
#include "host/core/status.hpp"
#include "host/equation/syntax.hpp"

namespace gemmact::equation {
namespace {

using core::quoted;

const operation_row* find_function(std::string_view name) {
  for (const operation_row& row : operation_rows())
    if (row.is_function && row.spelling == name) return &row;
  return nullptr;
}

// What to write for a name that other languages have, or the names that are near it.
std::string instead_of(std::string_view name, std::span<const std::string_view> known) {
  struct row {
    std::string_view name, hint;
  };
  constexpr row rows[] = {
#define GEMMACT_OTHER_NAME(name, written) {name, "write " written},
#define GEMMACT_NO_SUCH_NAME(name, sentence) {name, sentence},
#include "host/equation/other_names.inc"
#undef GEMMACT_OTHER_NAME
#undef GEMMACT_NO_SUCH_NAME
  };
  for (const row& r : rows)
    if (core::edit_distance(r.name, name) == 0) return fmt::format("; {}", r.hint);
  return core::did_you_mean(name, known);
}

bool takes_any_number(op operation) { return operation == op::min || operation == op::max; }

// Turns the steps of a text into nodes.
class builder {
 public:
  builder(std::string_view text, core::catalogue functions, declaration& made)
      : text_(text), functions_(functions), made_(made) {}

  void declare(const declared_parameter& p) {
    new_name(p.name);
    parameter_info info;
    info.name = p.name;
    info.per_column = p.per_column;
    info.operand = p.value.empty();
    if (info.operand && p.per_column) refuse(p.name, "a parameter with [n] needs a default, such as slope[n]=0.25");
    if (!info.operand) info.default_value = decimal_value(text_, p.value);
    if (made_.parameters.size() == static_cast<size_t>(max_params))
      refuse(p.name, fmt::format("an equation has at most {} parameters", max_params));
    names_.emplace(p.name, made_.nodes.parameter(static_cast<int>(made_.parameters.size())));
    made_.parameters.push_back(std::move(info));
  }

  void know(std::string_view name) {
    names_.emplace(name, made_.nodes.parameter(static_cast<int>(made_.parameters.size())));
    parameter_info info;
    info.name = name;
    made_.parameters.push_back(std::move(info));
  }

  void define(const definition& d) {
    new_name(d.name);
    names_.emplace(d.name, build(d.steps));
  }

  node_id build(const std::vector<step>& steps) {
    stack_.clear();
    for (const step& s : steps) take(s);
    return stack_.back().node;
  }

  [[noreturn]] void refuse(std::string_view where, const std::string& sentence) const {
    refuse_at(text_, static_cast<size_t>(where.data() - text_.data()), sentence);
  }
  bool condition(node_id id) const { return is_condition(made_.nodes[id]); }

 private:
  struct entry {
    node_id node;
    size_t at;
    std::string_view label;
  };

  void new_name(std::string_view name) const {
    if (name.size() > max_name) refuse(name, fmt::format("a name has at most {} characters", max_name));
    if (name == "x" || name == "pi" || name == "inf") refuse(name, fmt::format("the name {} is taken", name));
    if (names_.contains(name)) refuse(name, fmt::format("the name {} is there already", quoted(name)));
  }

  void push(node_id node, size_t at) { stack_.push_back({node, at, {}}); }

  void need(const entry& e, kind wanted) const {
    if (condition(e.node) == (wanted == kind::condition)) return;
    refuse_at(text_, e.at,
              wanted == kind::condition ? "a condition such as x > 0 was expected, not a number"
                                        : "a number was expected, not a condition; write condition ? a : b");
  }

  void take(const step& s) {
    switch (s.does) {
      case step::what::number:
        push(made_.nodes.constant(decimal_value(text_, s.text)), s.at);
        break;
      case step::what::name:
        push(named(s.text), s.at);
        break;
      case step::what::label:
        stack_.back().label = s.text;
        break;
      case step::what::operation:
        operate(row_of(s.operation), s.at);
        break;
      case step::what::call:
        call(s);
        break;
    }
  }

  void operate(const operation_row& row, size_t at) {
    const size_t first = stack_.size() - static_cast<size_t>(row.children);
    std::array<node_id, 3> children{};
    for (size_t i = first; i < stack_.size(); ++i) {
      need(stack_[i], row.operation == op::choose && i == first ? kind::condition : row.takes);
      children[i - first] = stack_[i].node;
    }
    stack_.resize(first);
    push(made_.nodes.make(row.operation, std::span(children.data(), static_cast<size_t>(row.children))), at);
  }

  node_id named(std::string_view name) const {
    if (name == "x") return made_.nodes.variable();
    if (name == "pi") return made_.nodes.constant(std::numbers::pi);
    if (name == "inf") return made_.nodes.constant(std::numeric_limits<double>::infinity());
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    if (find_function(name) != nullptr || core::find_activation(name, functions_) >= 0)
      refuse(name, fmt::format("{} is a function: write {}(x)", quoted(name), name));
    std::vector<std::string_view> known = {"x", "pi", "inf"};
    for (const auto& row : names_) known.push_back(row.first);
    refuse(name, fmt::format("nothing is named {}{}", quoted(name), instead_of(name, known)));
  }

  void call(const step& s) {
    const size_t first = stack_.size() - static_cast<size_t>(s.arguments);
    for (size_t i = first; i < stack_.size(); ++i) need(stack_[i], kind::number);
    const node_id made = find_function(s.text) != nullptr ? elementary(s, first) : of_catalogue(s, first);
    stack_.resize(first);
    push(made, s.at);
  }

  node_id elementary(const step& s, size_t first) {
    const operation_row& row = *find_function(s.text);
    if (s.prime) refuse(s.text, "only functions of the catalogue have a derivative that can be called");
    for (size_t i = first; i < stack_.size(); ++i)
      if (!stack_[i].label.empty()) refuse(stack_[i].label, fmt::format("{} has no named parameters", row.spelling));
    if (takes_any_number(row.operation) && s.arguments >= row.children) {
      node_id all = stack_[first].node;
      for (size_t i = first + 1; i < stack_.size(); ++i) all = made_.nodes.make(row.operation, {all, stack_[i].node});
      return all;
    }
    if (s.arguments != row.children)
      refuse(s.text, fmt::format("{} takes {}{} argument{}, not {}", row.spelling,
                                 takes_any_number(row.operation) ? "at least " : "", row.children,
                                 row.children == 1 ? "" : "s", s.arguments));
    std::array<node_id, 3> children{};
    for (size_t i = first; i < stack_.size(); ++i) children[i - first] = stack_[i].node;
    return made_.nodes.make(row.operation, std::span(children.data(), static_cast<size_t>(row.children)));
  }

  int find_parameter(const core::activation_info& info, std::string_view name) const {
    std::vector<std::string_view> names;
    for (int i = 0; i < info.param_count; ++i) {
      if (name == info.params[i].name) return i;
      names.push_back(info.params[i].name);
    }
    std::string near = core::did_you_mean(name, names), all;
    for (const std::string_view other : names) all += fmt::format("{}{}", all.empty() ? "; it has " : ", ", other);
    refuse(name, fmt::format("{} has no parameter {}{}", info.name, quoted(name), near.empty() ? all : near));
  }

  int find_called(std::string_view name) const {
    const int found = core::find_activation(name, functions_);
    if (found >= 0) return found;
    if (name == "x" || name == "pi" || name == "inf" || names_.contains(name))
      refuse(name, fmt::format("{0} is no function; a product is written {1} * (...)", quoted(name), name));
    std::vector<std::string_view> known = core::activation_names(functions_);
    for (const operation_row& row : operation_rows())
      if (row.is_function) known.push_back(row.spelling);
    refuse(name, fmt::format("no function is named {}{}", quoted(name), instead_of(name, known)));
  }

  node_id of_catalogue(const step& s, size_t first) {
    const int function = find_called(s.text);
    const core::activation_info& info = functions_[static_cast<size_t>(function)];
    std::array<node_id, max_children> children;
    children.fill(no_node);
    for (size_t i = first; i < stack_.size(); ++i) {
      const entry& e = stack_[i];
      if (e.label.empty() && i != first && info.param_count == 0)
        refuse_at(text_, e.at, fmt::format("{} takes 1 argument, not {}", info.name, s.arguments));
      if (e.label.empty() && i != first)
        refuse_at(text_, e.at,
                  fmt::format("parameters of {0} are given by name, after its one argument: {0}(x, {1}=...)", info.name,
                              info.params[0].name));
      const int place = e.label.empty() ? 0 : 1 + find_parameter(info, e.label);
      if (children[static_cast<size_t>(place)] != no_node)
        refuse(e.label, fmt::format("parameter {} is given twice", quoted(e.label)));
      children[static_cast<size_t>(place)] = e.node;
    }
    if (children[0] == no_node) refuse(s.text, fmt::format("{} needs an argument before its parameters", info.name));
    for (int i = 0; i < info.param_count; ++i) {
      node_id& child = children[static_cast<size_t>(1 + i)];
      if (child == no_node && info.params[i].is_operand != 0)
        refuse(s.text, fmt::format("{0} needs {1}=, such as {0}(x, {1}=t)", info.name, info.params[i].name));
      if (child == no_node) child = made_.nodes.constant(default_of(info.params[i]));
    }
    check_rule(s, info, children);
    int by = 0;
    if (!s.by.empty()) {
      by = find_parameter(info, s.by);
      if (info.params[by].trainable == 0)
        refuse(s.by, fmt::format("{} has no derivative by {}", info.name, quoted(s.by)));
    }
    const part quantity = !s.prime ? part::value : s.by.empty() ? part::grad : part::param_grad;
    return made_.nodes.call(function, quantity, by,
                            std::span(children.data(), static_cast<size_t>(1 + info.param_count)));
  }

  // Parameters that are constants keep the function's rule of them.
  void check_rule(const step& s, const core::activation_info& info,
                  const std::array<node_id, max_children>& children) const {
    if (info.invalid == nullptr) return;
    core::param_values values{};
    for (int i = 0; i < info.param_count; ++i) {
      const node& n = made_.nodes[children[static_cast<size_t>(1 + i)]];
      if (n.operation != op::constant) return;
      values[static_cast<size_t>(i)] = static_cast<float>(n.value);
    }
    if (const char* rule = info.invalid(values.data()); rule != nullptr)
      refuse(s.text, fmt::format("{} breaks a rule of its parameters: {}", info.name, rule));
  }

  std::string_view text_;
  core::catalogue functions_;
  declaration& made_;
  std::map<std::string_view, node_id> names_;
  std::vector<entry> stack_;
};

}  // namespace

double default_of(const gemmact_param_info& p) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), p.default_value).ptr;
  double value = 0;
  std::from_chars(digits.data(), end, value);
  return value;
}

double decimal_value(std::string_view text, std::string_view digits) {
  const auto at = static_cast<size_t>(digits.data() - text.data());
  std::string_view rest = digits;
  if (rest.starts_with('+')) rest.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  const bool read = error == std::errc{} && end == rest.data() + rest.size();
  const bool zero = rest.substr(0, rest.find_first_of("eE")).find_first_of("123456789") == std::string_view::npos;
  if (!read || std::abs(value) > std::numeric_limits<float>::max() || (static_cast<float>(value) == 0 && !zero))
    refuse_at(text, at, fmt::format("{} is outside the range of a 32-bit float", quoted(digits)));
  return value;
}

declaration parse(std::string_view text, core::catalogue functions, std::span<const std::string_view> known) {
  const syntax read = read_syntax(text);
  declaration made;
  made.name = read.name;
  made.nodes.set_limit(max_nodes);
  builder b(text, functions, made);
  if (!read.argument.empty() && read.argument != "x")
    b.refuse(read.argument, fmt::format("the variable is x, not {}", quoted(read.argument)));
  if (read.name.size() > max_name) b.refuse(read.name, fmt::format("a name has at most {} characters", max_name));
  for (const std::string_view name : known) b.know(name);
  for (const declared_parameter& p : read.parameters) b.declare(p);
  for (const definition& d : read.definitions) b.define(d);
  made.root = b.build(read.steps);
  if (b.condition(made.root)) refuse_at(text, 0, "the equation is a condition and no number; write condition ? 1 : 0");
  made.nodes.set_limit(max_derived_nodes);
  return made;
}

}  // namespace gemmact::equation

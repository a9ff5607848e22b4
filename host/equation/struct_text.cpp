#include "host/equation/struct_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "host/equation/schedule.hpp"

namespace gemmact::equation {
namespace {

constexpr size_t longest_inlined = 60;  // characters of an expression within another

// The nearest f32, as a literal that says exactly that.
std::string literal(double value) {
  const auto rounded = static_cast<float>(value);
  if (std::isnan(rounded)) return "bit_cast<float>(0x7fc00000u)";
  if (std::isinf(rounded)) return rounded < 0 ? "-bit_cast<float>(0x7f800000u)" : "bit_cast<float>(0x7f800000u)";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rounded).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text + "f";
}

bool has_f32_reciprocal(double divisor) { return std::abs(divisor) >= 0x1p-126 && std::abs(divisor) <= 0x1p126; }

// The statements of one member function.
class body {
 public:
  body(const graph& g, node_id root, std::string_view argument, core::catalogue functions, std::set<std::string>& files)
      : g_(g), functions_(functions), files_(files), argument_(argument), schedule_(schedule_of(g, root)) {
    text_.resize(schedule_.uses.size());
    named_.resize(schedule_.uses.size());
    for (const node_id id : schedule_.order) want_names(g[id]);
    for (const node_id id : schedule_.order) write(id, root);
    result_ = whole(root);
  }

  std::string text(std::string_view indent) const {
    std::string all;
    for (const std::string& line : lines_) all += fmt::format("{}{}\n", indent, line);
    return all + fmt::format("{}return {};\n", indent, result_);
  }

 private:
  bool is_leaf(node_id id) const { return g_[id].count == 0; }
  bool is_constant(node_id id) const { return g_[id].operation == op::constant; }

  // What a choice is between is worked out before it, so that no code is for one side alone.
  void want_names(const node& n) {
    const auto name = [&](int i) {
      named_[static_cast<size_t>(n.child[static_cast<size_t>(i)])] = !is_leaf(n.child[static_cast<size_t>(i)]);
    };
    if (n.operation == op::choose) name(1), name(2);
    else if (n.operation == op::clamp && !is_plain_clamp(n)) name(0), name(1), name(2);
    else if (n.operation == op::both || n.operation == op::either) name(0), name(1);
  }

  // How tightly what a text says holds together; as an operand of what binds more it stands in parentheses.
  enum class level : uint8_t { choice, comparison, sum, product, primary };
  struct written {
    std::string text;
    level binds = level::primary;
  };

  void write(node_id id, node_id root) {
    written& own = text_[static_cast<size_t>(id)];
    const node& n = g_[id];
    own = n.operation == op::call ? written{called(n)} : operation(n);
    const bool shared = schedule_.uses[static_cast<size_t>(id)] > 1;
    if (id == root || !(shared || named_[static_cast<size_t>(id)] || own.text.size() > longest_inlined)) return;
    std::string name = fmt::format("t{}", lines_.size() + 1);
    lines_.push_back(fmt::format("const {} {} = {};", is_condition(n) ? "bool" : "float", name, own.text));
    own = {std::move(name)};
  }

  // A node as a whole argument or statement, and as an operand of an operator.
  std::string whole(node_id id) const {
    const node& n = g_[id];
    if (n.operation == op::constant) return literal(n.value);
    if (n.operation == op::variable) return std::string(argument_);
    return n.operation == op::parameter ? fmt::format("p{}", n.index) : text_[static_cast<size_t>(id)].text;
  }
  std::string operand(node_id id, level wanted = level::primary) const {
    if (is_leaf(id)) return whole(id);
    const written& own = text_[static_cast<size_t>(id)];
    return own.binds < wanted ? "(" + own.text + ")" : own.text;
  }

  written infix(const node& n, std::string_view symbol, level own, level left, level right) const {
    return {fmt::format("{} {} {}", operand(n.child[0], left), symbol, operand(n.child[1], right)), own};
  }
  // Of f32 a + (b + c) is not (a + b) + c.
  written sum(const node& n, std::string_view symbol) const {
    return infix(n, symbol, level::sum, level::sum, level::product);
  }

  written operation(const node& n) const {
    const operation_row& row = row_of(n.operation);
    switch (n.operation) {
      case op::negate:
        return {"-" + operand(n.child[0]), level::product};
      case op::deny:
        return {"!" + operand(n.child[0]), level::product};
      case op::add:
      case op::subtract:
        return sum(n, row.spelling);
      case op::multiply:
        return infix(n, "*", level::product, level::product, level::primary);
      case op::divide:
        return quotient(n);
      case op::power:
        return {fmt::format("math<mode>::pow({}, {})", whole(n.child[0]), whole(n.child[1]))};
      case op::both:
        return infix(n, "&", level::choice, level::primary, level::primary);
      case op::either:
        return infix(n, "|", level::choice, level::primary, level::primary);
      case op::choose:
        return {
            fmt::format("{} ? {} : {}", operand(n.child[0], level::comparison), whole(n.child[1]), whole(n.child[2])),
            level::choice};
      case op::clamp:
        return clamp(n);
      default:
        return row.is_function ? function(n, row.spelling)
                               : infix(n, row.spelling, level::comparison, level::sum, level::sum);
    }
  }

  written function(const node& n, std::string_view name) const {
    std::string arguments = whole(n.child[0]);
    if (n.count == 2) arguments += ", " + whole(n.child[1]);
    return {fmt::format("math<mode>::{}({})", name, arguments)};
  }

  written quotient(const node& n) const {
    const node& divisor = g_[n.child[1]];
    if (divisor.operation == op::constant && has_f32_reciprocal(divisor.value))
      return {fmt::format("{} * {}", operand(n.child[0], level::product), literal(1 / divisor.value)), level::product};
    return {fmt::format("math<mode>::divide({}, {})", whole(n.child[0]), whole(n.child[1]))};
  }

  bool is_plain_clamp(const node& n) const {
    return is_constant(n.child[1]) && is_constant(n.child[2]) && g_[n.child[1]].value <= g_[n.child[2]].value;
  }
  written clamp(const node& n) const {
    const std::string x = whole(n.child[0]), lo = whole(n.child[1]), hi = whole(n.child[2]);
    if (is_plain_clamp(n)) return {fmt::format("math<mode>::min(math<mode>::max({}, {}), {})", x, lo, hi)};
    return {fmt::format("{0} < {1} ? {1} : ({0} > {2} ? {2} : {0})", x, lo, hi), level::choice};
  }

  std::string called(const node& n) {
    const std::string name = functions_[static_cast<size_t>(n.index)].name;
    files_.insert(name);
    std::string values;
    for (const node_id value : n.children().subspan(1)) values += (values.empty() ? "" : ", ") + whole(value);
    const std::string x = whole(n.child[0]), made = fmt::format("{}<mode>{{{}}}", name, values);
    switch (n.quantity) {
      case part::value:
        return fmt::format("{}({})", made, x);
      case part::grad:
        return fmt::format("{}.grad({})", made, x);
      case part::grad_from_output:
        return fmt::format("{}.grad_from_output({})", made, x);
      default:
        return fmt::format("{}.param_grad({}, {})", made, n.by, x);
    }
  }

  const graph& g_;
  core::catalogue functions_;
  std::set<std::string>& files_;
  std::string_view argument_;
  schedule schedule_;
  std::vector<written> text_;
  std::vector<bool> named_;
  std::vector<std::string> lines_;
  std::string result_;
};

class struct_writer {
 public:
  struct_writer(const graph& g, core::catalogue functions) : g_(g), functions_(functions) {}

  void member(node_id root, std::string_view head, std::string_view type, std::string_view argument) {
    if (root == no_node) return;
    members_ += fmt::format("  GEMMACT_FN {}({}) const {{\n", head, parameter_text(root, type, argument));
    members_ += body(g_, root, argument, functions_, files_).text("    ") + "  }\n";
  }

  void param_grads(const std::array<node_id, max_params>& roots) {
    std::vector<int> there;
    for (int i = 0; i < max_params; ++i)
      if (roots[static_cast<size_t>(i)] != no_node) there.push_back(i);
    if (there.empty()) return;
    const auto root_of = [&](int i) { return roots[static_cast<size_t>(i)]; };
    if (there.size() == 1 && there[0] == 0) {
      members_ +=
          fmt::format("  GEMMACT_FN float param_grad(int, {}) const {{\n", parameter_text(roots[0], "float", "x"));
      members_ += body(g_, roots[0], "x", functions_, files_).text("    ") + "  }\n";
      return;
    }
    const bool any_x = std::any_of(there.begin(), there.end(), [&](int i) { return g_[root_of(i)].has_x; });
    members_ += fmt::format("  GEMMACT_FN float param_grad(int i, float{}) const {{\n", any_x ? " x" : "");
    for (const int i : there)
      members_ += fmt::format("    if (i == {}) {{\n{}    }}\n", i,
                              body(g_, root_of(i), "x", functions_, files_).text("      "));
    members_ += "    return 0.0f;\n  }\n";
  }

  struct_text finish(int param_count) const {
    std::string rest;
    for (int i = 0; i < param_count; ++i) rest += fmt::format("  float p{} = 0.0f;\n", i);
    rest += fmt::format("  static constexpr traits info{{.param_count = {}}};\n", param_count) + members_;
    struct_text made;
    made.type = fmt::format("equation_{:016x}", hash(rest));
    made.source = fmt::format("template <accuracy mode>\nstruct {} {{\n{}}};\n", made.type, rest);
    made.files.assign(files_.begin(), files_.end());
    return made;
  }

 private:
  std::string parameter_text(node_id root, std::string_view type, std::string_view argument) const {
    return g_[root].has_x ? fmt::format("{} {}", type, argument) : std::string(type);
  }

  static uint64_t hash(std::string_view text) {  // FNV-1a, and its bits mixed
    uint64_t h = 0xcbf29ce484222325u;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return h ^ (h >> 32);
  }

  const graph& g_;
  core::catalogue functions_;
  std::set<std::string> files_;
  std::string members_;
};

}  // namespace

struct_text text_of(const graph& g, const quantities& all, int param_count, core::catalogue functions) {
  struct_writer writer(g, functions);
  writer.member(all.value, "float operator()", "float", "x");
  writer.member(all.grad, "float grad", "float", "x");
  writer.member(all.grad_from_output, "float grad_from_output", "float", "y");
  writer.member(all.bit, "bool bit", "float", "x");
  writer.member(all.grad_from_bit, "float grad_from_bit", "bool", "b");
  writer.param_grads(all.param_grad);
  return writer.finish(param_count);
}

}  // namespace gemmact::equation

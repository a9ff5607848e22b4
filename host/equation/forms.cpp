#include "host/equation/forms.hpp"

#include <algorithm>
#include <utility>

#include "host/core/status.hpp"
#include "host/equation/differentiate.hpp"
#include "host/equation/simplify.hpp"
#include "host/equation/stable.hpp"

namespace gemmact::equation {
namespace {

enum class when { always, alone, overflow, positive, slope };

struct stable_row {
  when taken;
  const char *written, *computed, *why;
};
constexpr stable_row stable_rows[] = {
#define GEMMACT_STABLE_FORM(taken, written, computed, why) {when::taken, written, computed, why},
#include "host/equation/stable_forms.inc"
#undef GEMMACT_STABLE_FORM
};

const std::array<node_id, max_params>& parameter_nodes(graph& g, std::array<node_id, max_params>& all) {
  for (int i = 0; i < max_params; ++i) all[static_cast<size_t>(i)] = g.parameter(i);
  return all;
}

// A formula is worth finding where it does more than scale x, and says NaN of NaN: not a choice between constants.
bool worth_finding(const graph& g, node_id root) {
  const node& n = g[root];
  if (n.operation == op::call || !n.has_x) return false;
  if (n.operation == op::choose && !g[n.child[1]].has_x && !g[n.child[2]].has_x) return false;
  for (const node_id id : reachable(g, root))
    if (const op o = g[id].operation; o >= op::power || o == op::call) return true;
  return false;
}

}  // namespace

forms::forms(core::catalogue functions) : functions_(functions) {
  by_function_.resize(functions.size());
  for (int f = 0; f < static_cast<int>(functions.size()); ++f) read_function(f);
  add_second_derivatives();
  add_stable_forms();
  add_formulas();
  normalise();
}

node_id forms::read(std::string_view text, std::span<const std::string_view> parameters) {
  const declaration d = parse(text, functions_, parameters);
  std::array<node_id, max_params> same{};
  return simplify(nodes_, transplant(d.nodes, d.root, nodes_, nodes_.variable(), parameter_nodes(nodes_, same)));
}

void forms::read_function(int function) {
  const core::activation_info& info = functions_[static_cast<size_t>(function)];
  std::vector<std::string_view> names;
  for (int i = 0; i < info.param_count; ++i) names.push_back(info.params[i].name);
  function_form& form = by_function_[static_cast<size_t>(function)];
  // A product's own function may have texts that are not in the language: it is called all the same.
  const auto readable = [&](const char* text) {
    try {
      return read(text, names);
    } catch (const core::failure&) {
      return no_node;
    }
  };
  form.value = readable(info.formula);
  form.grad = readable(info.derivative);
}

// Those that cancel near 0 where the formula is differentiated.
void forms::add_second_derivatives() {
  constexpr std::pair<std::string_view, std::string_view> rows[] = {
      {"sigmoid", "-sigmoid'(x) * tanh(0.5 * x)"}, {"tanh", "-2 * tanh(x) * tanh'(x)"}, {"softplus", "sigmoid'(x)"}};
  for (const auto& [name, text] : rows)
    for (size_t f = 0; f < functions_.size(); ++f)
      if (functions_[f].name == name) by_function_[f].second = read(text, {});
}

void forms::add_stable_forms() {
  constexpr std::string_view others[] = {"y", "z"};
  for (const stable_row& row : stable_rows) {
    form f;
    try {
      f.written = {&nodes_, read(row.written, others), row.taken != when::slope, {}};
      f.computed = read(row.computed, others);
    } catch (const core::failure&) {
      continue;  // of a function that this catalogue lacks
    }
    f.why = row.why;
    f.against_overflow = row.taken == when::overflow;
    f.is_alone = row.taken == when::overflow || row.taken == when::alone;
    f.is_positive = row.taken == when::positive;
    all_.push_back(std::move(f));
  }
}

void forms::add_formulas() {
  std::vector<form> found;
  for (size_t i = 0; i < functions_.size(); ++i) {
    const node_id formula = by_function_[i].value;
    if (formula == no_node || !worth_finding(nodes_, formula)) continue;
    form f;
    f.written = {&nodes_, formula, false, {}};
    f.function = static_cast<int>(i);
    f.why = "the catalogue's own";
    std::array<node_id, max_children> children{};
    children[0] = nodes_.variable();
    for (int p = 0; p < functions_[i].param_count; ++p) {
      children[static_cast<size_t>(1 + p)] = nodes_.parameter(p);
      f.written.only_operand[static_cast<size_t>(p)] = functions_[i].params[p].is_operand != 0;
    }
    f.computed = nodes_.call(f.function, part::value, 0,
                             std::span(children.data(), static_cast<size_t>(1 + functions_[i].param_count)));
    found.push_back(std::move(f));
  }
  // The more special one first.
  std::stable_sort(found.begin(), found.end(), [&](const form& a, const form& b) {
    const size_t of_a = reachable(nodes_, a.written.root).size(), of_b = reachable(nodes_, b.written.root).size();
    if (of_a != of_b) return of_a > of_b;
    return functions_[static_cast<size_t>(a.function)].param_count <
           functions_[static_cast<size_t>(b.function)].param_count;
  });
  all_.insert(all_.end(), found.begin(), found.end());
}

// What is looked for has been rewritten itself up to its outermost operation, since innermost expressions are first.
void forms::normalise() {
  const std::vector<parameter_info> parameters(max_params);
  for (form& f : all_) {
    const node n = nodes_[f.written.root];
    std::array<node_id, max_children> children{};
    for (size_t i = 0; i < static_cast<size_t>(n.count); ++i)
      children[i] = stabilise(nodes_, n.child[i], *this, parameters, nullptr);
    f.written.root = nodes_.like(n, std::span(children.data(), static_cast<size_t>(n.count)));
  }
  for (function_form& f : by_function_) {
    if (f.value == no_node) continue;
    for (int p = 0; p < max_params; ++p)
      f.param_grad[static_cast<size_t>(p)] =
          stabilise(nodes_, differentiate(nodes_, f.value, p, *this), *this, parameters, nullptr);
    // From the formula, arithmetic says on which side it is 0: x <= 0 ? 0 : 2 * max(0, x).
    if (f.grad != no_node && nodes_[f.grad].has_x && nodes_[f.grad].operation != op::choose && is_plain(nodes_, f.grad))
      f.grad = stabilise(nodes_, differentiate(nodes_, f.value, by_x, *this), *this, parameters, nullptr);
  }
}

}  // namespace gemmact::equation

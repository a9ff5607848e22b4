#include "host/equation/stable.hpp"

#include <algorithm>

#include "host/core/status.hpp"
#include "host/equation/print.hpp"
#include "host/equation/range.hpp"
#include "host/equation/simplify.hpp"

namespace gemmact::equation {
namespace {

constexpr int most_rounds = 6, most_in_place = 20;
constexpr int most_notes = 16;  // what a page of explain has room for
constexpr size_t longest_shown = 200;

class rewriter {
 public:
  rewriter(graph& g, const forms& known, std::span<const parameter_info> parameters, std::vector<std::string>* notes)
      : g_(g), known_(known), parameters_(parameters), notes_(notes), ranges_(g, known) {
    for (const parameter_info& p : parameters) operands_.push_back(p.operand);
    operands_.resize(std::max<size_t>(operands_.size(), max_params));
  }

  node_id everywhere(node_id root) {
    return rebuilt(g_, root, [&](const node& n, std::span<const node_id> children) {
      node_id now = simple_node(g_, n, children);
      for (int i = 0; i < most_in_place; ++i) {
        const node_id next = in_place(now);
        if (next == now) break;
        now = next;
      }
      return now;
    });
  }

  void end_notes() {
    if (noted_ > most_notes) notes_->push_back(fmt::format("{} more are rewritten", noted_ - most_notes));
  }

 private:
  // The first form that fits; those whose derivatives by the equation's own parameters are written by hand come first.
  node_id in_place(node_id id) {
    const op o = g_[id].operation;
    if (o <= op::parameter || !g_[id].varies) return id;
    for (const bool trainable_only : {true, false})
      for (const form& f : known_.all()) {
        const op wanted = known_.nodes()[f.written.root].operation;
        if (wanted != o && !(is_product(wanted) && is_product(o)) && !(is_sum(wanted) && is_sum(o))) continue;
        if (const node_id made = apply(f, id, trainable_only); made != no_node && made != id) {
          note(f, id, made);
          return made;
        }
      }
    return id;
  }

  node_id apply(const form& f, node_id id, bool trainable_only) {
    const std::optional<found> match = find(f.written, g_, id, operands_);
    if (!match || !g_[match->x].varies || (f.against_overflow && !a_factor_overflows(id))) return no_node;
    if (f.is_positive && !std::all_of(match->parameters.begin(), match->parameters.end(),
                                      [&](node_id p) { return p == no_node || is_positive(p); }))
      return no_node;
    if (f.is_alone && !is_alone(match->times)) return no_node;
    if (f.function >= 0 && !fits(known_.functions()[static_cast<size_t>(f.function)], *match, trainable_only))
      return no_node;
    const node_id computed = simplify(g_, transplant(known_.nodes(), f.computed, g_, match->x, match->parameters));
    if (is_sum(g_[id].operation)) {
      sum_view all = match->plus;
      all.terms.push_back({computed, 1});
      return build(g_, all);
    }
    if (!is_product(g_[id].operation)) return computed;
    return remainder_of(g_, id, match->times, computed);
  }

  // What overflows itself is nothing to multiply by: beside what is 0, or much less than 1, the text may be finite.
  static bool is_alone(const product_view& left) {
    return left.factors.empty() && is_lone_coefficient(left.coefficient);
  }

  bool is_positive(node_id id) const { return g_[id].operation == op::constant && g_[id].value > 0; }

  bool a_factor_overflows(node_id id) {
    for (const factor& part : product_of(g_, id).factors)
      if (ranges_.can_overflow(part.base)) return true;
    return false;
  }

  bool fits(const core::activation_info& info, const found& match, bool trainable_only) const {
    core::param_values values{};
    bool constants = true;
    for (size_t i = 0; i < static_cast<size_t>(info.param_count); ++i) {
      if (match.parameters[i] == no_node) return false;
      const node& n = g_[match.parameters[i]];
      constants &= n.operation == op::constant;
      values[i] = static_cast<float>(n.value);
      if (trainable_only && n.operation != op::constant && info.params[i].trainable == 0 &&
          info.params[i].is_operand == 0)
        return false;
    }
    return !constants || info.invalid == nullptr || info.invalid(values.data()) == nullptr;
  }

  void note(const form& f, node_id written, node_id computed) {
    if (notes_ == nullptr || ++noted_ > most_notes) return;
    notes_->push_back(fmt::format("{} is computed as {}: {}", shown(written), shown(computed), f.why));
  }
  std::string shown(node_id id) const {
    std::string text = print(g_, id, {known_.functions(), parameters_});
    if (text.size() > longest_shown) text.replace(longest_shown, text.npos, "...");
    return text;
  }

  graph& g_;
  const forms& known_;
  std::span<const parameter_info> parameters_;
  std::vector<std::string>* notes_;
  int noted_ = 0;
  std::vector<bool> operands_;
  ranges ranges_;
};

}  // namespace

node_id stabilise(graph& g, node_id root, const forms& known, std::span<const parameter_info> parameters,
                  std::vector<std::string>* notes) {
  rewriter all(g, known, parameters, notes);
  root = simplify(g, root);
  for (int round = 0; round < most_rounds; ++round) {
    const node_id next = all.everywhere(root);
    if (next == root) break;
    root = next;
  }
  all.end_notes();
  return root;
}

}  // namespace gemmact::equation

#include "host/equation/function.hpp"

#include "host/equation/at_zero.hpp"
#include "host/equation/equation.hpp"
#include "host/equation/print.hpp"
#include "host/equation/program.hpp"
#include "host/equation/schedule.hpp"
#include "host/equation/struct_text.hpp"
#include "host/equation/work.hpp"

namespace gemmact::equation {
namespace {

class maker {
 public:
  maker(std::string_view text, const forms& known) : known_(known), e_(work_out(text, known)), g_(e_.text.nodes) {
    made_->text = text;
  }

  std::shared_ptr<const core::made_function> make() {
    choose_quantities();
    tell();
    tell_parameters();
    write();
    return made_;
  }

 private:
  void choose_quantities() {
    const kept k = what_to_keep(e_, {}, known_);
    core::activation_info& info = made_->info;
    info.needs = k.keep;
    info.has_bit = k.keep == GEMMACT_KEEP_BIT;
    info.has_grad_from_output = k.output;
    if (k.keep == GEMMACT_KEEP_NOTHING && k.if_set != no_node) e_.grad = k.if_set;
    all_.value = lowered(g_, e_.value);
    all_.grad = k.keep == GEMMACT_KEEP_Z && is_whole_call() ? call_of(part::grad) : lowered(g_, e_.grad);
    if (info.has_bit) {
      all_.bit = lowered(g_, k.bit);
      all_.grad_from_bit = g_.make(op::choose, {g_.variable(), lowered(g_, k.if_set), lowered(g_, k.if_not)});
    }
    if (info.has_grad_from_output) all_.grad_from_output = call_of(part::grad_from_output);
    for (size_t p = 0; p < e_.param_grads.size(); ++p)
      if (e_.param_grads[p] != no_node) all_.param_grad[p] = lowered(g_, e_.param_grads[p]);
  }

  // Of a function of the catalogue as it stands, what is written by hand is taken.
  bool is_whole_call() const {
    const node& n = g_[e_.value];
    return n.operation == op::call && n.quantity == part::value && g_[n.child[0]].operation == op::variable;
  }
  node_id call_of(part quantity) {
    const node call = g_[e_.value];
    return g_.call(call.index, quantity, 0, call.children());
  }

  void tell() {
    const printed names{known_.functions(), e_.text.parameters};
    made_->name = e_.text.name.empty() ? "equation" : e_.text.name;
    made_->formula = print(g_, e_.value, names);
    made_->derivative = print(g_, e_.grad, names);
    for (const std::string& note : e_.notes) made_->note += (made_->note.empty() ? "" : ". ") + note;
    core::activation_info& info = made_->info;
    info.name = made_->name.c_str();
    info.aliases = "";
    info.formula = made_->formula.c_str();
    info.derivative = made_->derivative.c_str();
    info.note = made_->note.c_str();
    info.zero_at_zero = is_zero_at_zero(g_, e_.value, known_);
    for (const gemmact_accuracy mode : {GEMMACT_ACCURATE, GEMMACT_FAST}) {
      const work w = work_of(g_, all_.value, mode, known_.functions());
      info.work[mode] = {w.special_functions, w.arithmetic};
      made_->value_instructions[mode] = w.special_functions + w.arithmetic;
      std::vector<node_id> derivatives = {all_.grad};
      for (const node_id by : all_.param_grad)
        if (by != no_node) derivatives.push_back(by);
      for (const node_id derivative : derivatives) {
        const work of = work_of(g_, derivative, mode, known_.functions());
        made_->grad_instructions[mode] += of.special_functions + of.arithmetic;
      }
    }
  }

  void tell_parameters() {
    core::activation_info& info = made_->info;
    for (const parameter_info& p : e_.text.parameters) {
      std::string& name = made_->param_names[static_cast<size_t>(info.param_count)];
      name = p.name;
      info.params[info.param_count++] = {name.c_str(), static_cast<float>(p.default_value), !p.operand, p.operand,
                                         p.per_column};
    }
  }

  void write() {
    struct_text text = text_of(g_, all_, made_->info.param_count, known_.functions());
    made_->type = std::move(text.type);
    made_->source = std::move(text.source);
    made_->files = std::move(text.files);
    const auto program = [&](node_id root, core::program& to) {
      if (root != no_node) to = program_of(g_, root);
    };
    program(all_.value, made_->value);
    program(all_.grad, made_->grad);
    program(all_.grad_from_output, made_->grad_from_output);
    program(all_.bit, made_->bit);
    program(all_.grad_from_bit, made_->grad_from_bit);
    for (size_t p = 0; p < all_.param_grad.size(); ++p) program(all_.param_grad[p], made_->param_grad[p]);
  }

  const forms& known_;
  equation e_;
  graph& g_;
  quantities all_;
  std::shared_ptr<core::made_function> made_ = std::make_shared<core::made_function>();
};

}  // namespace

std::shared_ptr<const core::made_function> make_function(std::string_view text, const forms& known) {
  return maker(text, known).make();
}

}  // namespace gemmact::equation

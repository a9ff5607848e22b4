// What a layer keeps for its backward: a pure function of the problem, the same on every device.
#include "host/core/listing.hpp"
#include "host/core/names.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"

namespace gemmact::core {
namespace {

bool output_serves(const keep_question& q) {
  const activation_info& f = *q.activation->info;
  if (!f.has_grad_from_output) return false;
  if (f.output_determines_grad == nullptr) return true;
  return !q.params_at_run && f.output_determines_grad(q.activation->params.data());
}

gemmact_keep cheapest(const keep_question& q) {
  if (q.combine == GEMMACT_MAXOUT) return GEMMACT_KEEP_INDEX;
  if (q.combine == GEMMACT_GATED || q.wants_params) return GEMMACT_KEEP_Z;
  gemmact_keep needs = q.activation->info->needs;
  return needs == GEMMACT_KEEP_OUTPUT && !output_serves(q) ? GEMMACT_KEEP_Z : needs;
}

[[noreturn]] void refuse(const keep_question& q, const char* why) {
  fail(GEMMACT_BAD_KEEP, "{} is {}: {}", q.field, name_of(q.asked), why);
}

void check_plain(const keep_question& q) {
  const activation_info& f = *q.activation->info;
  if (q.asked == GEMMACT_KEEP_INDEX) refuse(q, "only a maxout has a winner to keep");
  if (q.asked == GEMMACT_KEEP_Z) return;
  if (q.wants_params) refuse(q, "the gradients of parameters (DPARAM, GEMMACT_TRAIN_PARAMS) need z");
  std::string name = f.name;
  if (q.asked == GEMMACT_KEEP_NOTHING && f.needs != GEMMACT_KEEP_NOTHING && !q.forward)
    refuse(q, (name + "'s derivative needs " + name_of(f.needs)).c_str());
  if (q.asked == GEMMACT_KEEP_BIT && !f.has_bit)
    refuse(q, (name + "'s derivative does not follow from one bit").c_str());
  if (q.asked != GEMMACT_KEEP_OUTPUT || output_serves(q)) return;
  if (!f.has_grad_from_output) refuse(q, (name + "'s derivative does not follow from its output").c_str());
  if (q.params_at_run)
    refuse(q, ("whether " + name + "'s output determines its derivative depends on the values in PARAM").c_str());
  refuse(q, ("for these parameters " + name + "'s output does not determine its derivative").c_str());
}

}  // namespace

gemmact_keep choose_keep(const keep_question& q) {
  if (q.asked == GEMMACT_KEEP_AUTO) return cheapest(q);
  if (q.asked == GEMMACT_KEEP_NOTHING && q.forward && !q.wants_params) return q.asked;
  if (q.combine == GEMMACT_MAXOUT && q.asked != GEMMACT_KEEP_INDEX) refuse(q, "a maxout keeps its winner's index");
  if (q.combine == GEMMACT_GATED && q.asked != GEMMACT_KEEP_Z) refuse(q, "a gated pair needs both its z");
  if (q.combine == GEMMACT_PLAIN) check_plain(q);
  return q.asked;
}

gemmact_keep choose_keep(const listing& l) {
  const gemmact_problem& p = l.head;
  bool maxout = p.combine == GEMMACT_MAXOUT;
  bool reads_kept = p.operation == GEMMACT_FORWARD || p.operation == GEMMACT_ACTIVATION_GRAD || maxout;
  if (!reads_kept) {
    if (p.keep != GEMMACT_KEEP_AUTO && p.keep != GEMMACT_KEEP_NOTHING)
      fail(GEMMACT_BAD_KEEP, "keep is {}: {} of a {} layer reads nothing that the layer kept", name_of(p.keep),
           name_of(p.operation), name_of(p.combine));
    return GEMMACT_KEEP_NOTHING;
  }
  bool wants_params = !maxout && (l.has(GEMMACT_TRAIN_PARAMS) || l.lists(GEMMACT_DPARAM));
  return choose_keep(
      {"keep", p.keep, p.combine, &l.activation, p.operation == GEMMACT_FORWARD, wants_params, l.lists(GEMMACT_PARAM)});
}

gemmact_keep choose_keep_below(const listing& l) {
  const gemmact_problem& p = l.head;
  if (l.below.info == nullptr) {
    if (p.keep_below != GEMMACT_KEEP_AUTO && p.keep_below != GEMMACT_KEEP_NOTHING)
      fail(GEMMACT_BAD_KEEP, "keep_below is {}, but below is null: no layer below is described", name_of(p.keep_below));
    return GEMMACT_KEEP_NOTHING;
  }
  return choose_keep({"keep_below", p.keep_below, p.below_combine, &l.below, false,
                      l.lists(GEMMACT_BELOW | GEMMACT_DPARAM), l.lists(GEMMACT_BELOW | GEMMACT_PARAM)});
}

gemmact_type kept_type(const listing& l, gemmact_keep keep) {
  if (keep == GEMMACT_KEEP_NOTHING) return {};
  if (keep == GEMMACT_KEEP_BIT) return GEMMACT_BIT;
  if (keep == GEMMACT_KEEP_INDEX) return GEMMACT_U8;
  bool forward = l.head.operation == GEMMACT_FORWARD;
  const gemmact_tensor* model = l.find(forward ? GEMMACT_Y : GEMMACT_DY);
  if (model == nullptr && !forward) model = l.find(GEMMACT_KEPT);
  if (model == nullptr)
    fail(GEMMACT_MISSING_TENSOR, "{} is not listed, and what is kept has its type", forward ? "Y" : "DY");
  if (model->type == GEMMACT_BIT || model->type == GEMMACT_U8)
    fail(GEMMACT_BAD_TENSOR, "{}'s type is {}, but {} has the type of {}, a float",
         slot_text(model->slot, model->index), name_of(model->type), name_of(keep),
         model->slot == GEMMACT_KEPT ? "KEPT"
         : forward                   ? "Y"
                                     : "DY");
  return model->type == GEMMACT_E4M3 ? GEMMACT_BF16 : model->type;
}

kept_form resolve_keep(const gemmact_problem* given, catalogue functions) {
  listing l = read_listing(given, functions);
  gemmact_keep keep = choose_keep(l);
  return {keep, kept_type(l, keep)};
}

}  // namespace gemmact::core

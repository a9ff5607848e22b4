// A problem's rules as a whole: which slots it may and must list, and how they go together.
#include <algorithm>

#include "host/core/listing.hpp"
#include "host/core/names.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "host/core/tensor_layout.hpp"

namespace gemmact::core {
namespace {

bool is_below(uint32_t slot) { return (slot & GEMMACT_BELOW) != 0; }

slot_role role_of(const slot_rule& rule, bool below, const gemmact_problem& p) {
  if (below) return p.operation == GEMMACT_INPUT_GRAD ? rule.below : slot_role::none;
  slot_role role = rule.roles[p.operation - GEMMACT_FORWARD];
  if (role == slot_role::maxout) return p.combine == GEMMACT_MAXOUT ? slot_role::in : slot_role::none;
  if (role == slot_role::product) return p.combine == GEMMACT_MAXOUT ? slot_role::none : slot_role::in;
  return role;
}

// An equation says for each parameter whether it is one number or one a column.
void check_parameter_extent(const gemmact_tensor& t, const activation_info& f) {
  const gemmact_param_info& param = f.params[t.index];
  const gemmact_extent declared = param.is_per_column != 0 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR;
  if (t.extent != declared)
    fail(GEMMACT_BAD_TENSOR, "{}'s extent is {}, but {} declares {}{}, which is {}", slot_text(t.slot, t.index),
         name_of(t.extent), f.name, param.name, param.is_per_column != 0 ? "[n]" : "", name_of(declared));
}

// PARAM, DPARAM and OPERAND name a parameter of the activation.
void check_parameter_index(const listing& l, const gemmact_tensor& t) {
  std::string name = slot_text(t.slot, t.index);
  bool below = is_below(t.slot);
  if (!below && l.head.combine == GEMMACT_MAXOUT)
    fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but a maxout has no parameters", name);
  const activation_use& use = below ? l.below : l.activation;
  const activation_info& f = *use.info;
  const uint32_t slot = t.slot & ~uint32_t{GEMMACT_BELOW};
  if (slot == GEMMACT_OPERAND && use.made == nullptr)
    fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but {} is no equation", name, f.name);
  if (t.index >= static_cast<uint32_t>(f.param_count))
    fail(GEMMACT_BAD_PARAMETER, "{} is listed, but {} has {} parameters", name, f.name, f.param_count);
  const gemmact_param_info& param = f.params[t.index];
  if ((param.is_operand != 0) != (slot == GEMMACT_OPERAND))
    fail(GEMMACT_BAD_PARAMETER, "{} is listed, but {} of {} comes from {}", name, param.name, f.name,
         param.is_operand == 0 ? "PARAM"
         : use.made == nullptr ? "TARGET"
                               : "OPERAND");
  if (slot == GEMMACT_DPARAM && param.trainable == 0)
    fail(GEMMACT_BAD_PARAMETER, "{} is listed, but {} of {} has no gradient", name, param.name, f.name);
  if (use.made != nullptr && slot != GEMMACT_OPERAND) check_parameter_extent(t, f);
}

void check_index(const listing& l, const gemmact_tensor& t, const slot_rule& rule) {
  if (rule.indices == slot_indices::parameter) return check_parameter_index(l, t);
  bool below = is_below(t.slot);
  int pieces = below ? l.below_pieces : l.pieces;
  gemmact_combine combine = below ? l.head.below_combine : l.head.combine;
  int count = 1;
  if (rule.indices == slot_indices::piece) count = pieces;
  if (rule.indices == slot_indices::pair && combine == GEMMACT_GATED) count = 2;
  if (t.index >= static_cast<uint32_t>(count))
    fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but the index of {} is below {} here ({} layer)",
         slot_text(t.slot, t.index), rule.name, count, name_of(combine));
}

// Of the catalogue; an equation has OPERANDs.
bool takes_targets(const activation_use& use) {
  const gemmact_param_info* params = use.info->params;
  return use.made == nullptr &&
         std::any_of(params, params + use.info->param_count, [](const auto& p) { return p.is_operand != 0; });
}

// Slots that go only with something else.
void check_company(const listing& l, const gemmact_tensor& t) {
  uint32_t slot = t.slot & ~uint32_t{GEMMACT_BELOW};
  bool below = is_below(t.slot);
  const activation_use& f = below ? l.below : l.activation;
  if (slot == GEMMACT_TARGET && ((!below && l.head.combine == GEMMACT_MAXOUT) || !takes_targets(f)))
    fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but {} takes no targets", slot_text(t.slot, t.index),
         !below && l.head.combine == GEMMACT_MAXOUT ? "a maxout" : f.info->name);
  if (slot == GEMMACT_Y_OTHER && (l.head.combine != GEMMACT_PLAIN || !f.info->has_other))
    fail(GEMMACT_UNEXPECTED_TENSOR, "Y_OTHER is listed, but {} of a {} layer has no second class", f.info->name,
         name_of(l.head.combine));
  if (slot == GEMMACT_BETA && !l.lists(GEMMACT_C))
    fail(GEMMACT_UNEXPECTED_TENSOR, "BETA is listed, but C, which it multiplies, is not");
}

bool accumulates(const listing& l, uint32_t slot) {
  slot &= ~uint32_t{GEMMACT_BELOW};
  return (slot == GEMMACT_DW && l.has(GEMMACT_ACCUMULATE_DW)) ||
         (slot == GEMMACT_DBIAS && l.has(GEMMACT_ACCUMULATE_DBIAS)) ||
         (slot == GEMMACT_DPARAM && l.has(GEMMACT_ACCUMULATE_DPARAM));
}

void add_tensors(const listing& l, problem& p) {
  p.tensors.reserve(l.head.tensor_count);
  for (const gemmact_tensor& t : l.tensors()) {
    const slot_rule& rule = *find_slot(t.slot & ~uint32_t{GEMMACT_BELOW});
    bool below = is_below(t.slot);
    if (below && l.below.info == nullptr && rule.below != slot_role::none)
      fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but below is null: no layer below is described",
           slot_text(t.slot, t.index));
    slot_role role = role_of(rule, below, l.head);
    if (role == slot_role::none)
      fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but {} of a {} layer has no such tensor",
           slot_text(t.slot, t.index), name_of(l.head.operation), name_of(l.head.combine));
    check_index(l, t, rule);
    if (p.find(t.slot, t.index) != nullptr)
      fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed twice", slot_text(t.slot, t.index));
    check_company(l, t);
    tensor laid = lay_out(t, rule, role == slot_role::out, l);
    laid.accumulate = laid.output && accumulates(l, t.slot);
    p.add(laid);
  }
}

void require(const problem& p, uint32_t slot, int count, const char* why) {
  for (int i = 0; i < count; ++i)
    if (p.find(slot, i) == nullptr)
      fail(GEMMACT_MISSING_TENSOR, "{} is not listed, but {} {}", slot_text(slot, i), name_of(p.operation), why);
}

void require_gradient(const problem& p) {
  if (p.combine != GEMMACT_MAXOUT) return require(p, GEMMACT_DZ, p.pieces, "reads it");
  require(p, GEMMACT_DY, 1, "of a maxout reads it");
  require(p, GEMMACT_KEPT, 1, "of a maxout reads it");
}

void require_operands(const problem& p, const activation_use& f, uint32_t below) {
  if (takes_targets(f)) require(p, below | GEMMACT_TARGET, 1, "needs the targets of its activation");
  if (f.made == nullptr) return;
  for (uint32_t i = 0; i < static_cast<uint32_t>(f.info->param_count); ++i)
    if (f.info->params[i].is_operand != 0 && p.find(below | GEMMACT_OPERAND, i) == nullptr)
      fail(GEMMACT_MISSING_TENSOR, "{} is not listed, but {} of {} comes from it",
           slot_text(below | GEMMACT_OPERAND, i), f.info->params[i].name, f.info->name);
}

void check_required(const problem& p) {
  switch (p.operation) {
    case GEMMACT_FORWARD:
      require(p, GEMMACT_X, 1, "reads it");
      require(p, GEMMACT_W, p.pieces, "reads it");
      require(p, GEMMACT_Y, 1, "writes it");
      return require_operands(p, p.activation, 0);
    case GEMMACT_ACTIVATION_GRAD: {
      require(p, GEMMACT_DY, 1, "reads it");
      if (p.combine != GEMMACT_MAXOUT) {
        require(p, GEMMACT_DZ, p.pieces, "writes it");
        return require_operands(p, p.activation, 0);
      }
      for (const tensor& t : p.tensors)
        if (t.output) return;
      fail(GEMMACT_MISSING_TENSOR,
           "none of DZ and DBIAS is listed, so activation_grad of a maxout has nothing to write");
    }
    case GEMMACT_INPUT_GRAD:
      require_gradient(p);
      require(p, GEMMACT_W, p.pieces, "reads it");
      if (!p.below) return require(p, GEMMACT_DX, 1, "writes it");
      require(p, GEMMACT_BELOW | GEMMACT_DZ, p.below_pieces, "with a layer below writes it");
      return require_operands(p, *p.below, GEMMACT_BELOW);
    default:
      require_gradient(p);
      require(p, GEMMACT_X, 1, "reads it");
      return require(p, GEMMACT_DW, p.pieces, "writes it");
  }
}

// All tensors that are multiplied with each other have one type.
void check_product_types(const problem& p) {
  uint32_t left = p.operation == GEMMACT_FORWARD ? GEMMACT_X : p.combine == GEMMACT_MAXOUT ? GEMMACT_DY : GEMMACT_DZ;
  uint32_t right = p.operation == GEMMACT_WEIGHT_GRAD ? GEMMACT_X : GEMMACT_W;
  if (p.operation == GEMMACT_ACTIVATION_GRAD) return;
  const tensor& first = *p.find(left);
  for (const tensor& t : p.tensors)
    if ((t.slot == left || t.slot == right) && t.type != first.type)
      fail(GEMMACT_BAD_TENSOR, "{}'s type is {}, but {} is {}: what is multiplied has one type",
           slot_text(t.slot, t.index), name_of(t.type), slot_text(left, 0), name_of(first.type));
}

// The pieces' gradients are made together: of the whole batch at once, or of one entry after the other.
void check_summing(const problem& p) {
  if (p.operation != GEMMACT_WEIGHT_GRAD || p.batch == 1) return;
  const tensor& first = *p.find(GEMMACT_DW);
  for (const tensor& t : p.tensors)
    if (t.slot == GEMMACT_DW && (t.batch_stride == 0) != (first.batch_stride == 0))
      fail(GEMMACT_BAD_TENSOR,
           "{}'s batch_stride is {}, but {}'s is {}: the pieces are summed over the batch together or not at all",
           slot_text(t.slot, t.index), t.batch_stride, slot_text(first.slot, first.index), first.batch_stride);
}

bool is_kept_type(gemmact_keep keep, gemmact_type type) {
  if (keep == GEMMACT_KEEP_BIT) return type == GEMMACT_BIT;
  if (keep == GEMMACT_KEEP_INDEX) return type == GEMMACT_U8;
  return type == GEMMACT_F32 || type == GEMMACT_F16 || type == GEMMACT_BF16;
}

// The listed KEPT tensors are those of `keep` and of one type, which is returned.
gemmact_type check_kept(const problem& p, gemmact_keep keep, gemmact_keep asked, uint32_t below, int count) {
  uint32_t slot = below | GEMMACT_KEPT;
  const char* field = below != 0 ? "keep_below" : "keep";
  if (keep == GEMMACT_KEEP_NOTHING) {
    if (p.find(slot) == nullptr && p.find(slot, 1) == nullptr) return {};
    fail(GEMMACT_UNEXPECTED_TENSOR, "{} is listed, but nothing is kept ({} is {}{})", slot_text(slot, 0), field,
         name_of(asked), asked == GEMMACT_KEEP_AUTO ? ", and the derivative needs nothing" : "");
  }
  for (int i = 0; i < count; ++i) {
    const tensor* t = p.find(slot, i);
    if (t == nullptr)
      fail(GEMMACT_MISSING_TENSOR, "{} is not listed, but {} is {}{}", slot_text(slot, i), field, name_of(keep),
           asked == GEMMACT_KEEP_AUTO ? " (from auto)" : "");
    if (!is_kept_type(keep, t->type))
      fail(GEMMACT_BAD_KEEP, "{}'s type is {}, but {} is {}{}, which is kept as {}", slot_text(slot, i),
           name_of(t->type), field, name_of(keep), asked == GEMMACT_KEEP_AUTO ? " (from auto)" : "",
           keep == GEMMACT_KEEP_BIT     ? "bit"
           : keep == GEMMACT_KEEP_INDEX ? "u8"
                                        : "f32, f16 or bf16");
    if (t->type != p.find(slot)->type)
      fail(GEMMACT_BAD_TENSOR, "{}'s type is {}, but {} is {}: both halves of a pair have one type", slot_text(slot, i),
           name_of(t->type), slot_text(slot, 0), name_of(p.find(slot)->type));
  }
  return p.find(slot)->type;
}

// Does Y hold f(z) itself, in a type that backward can read?
bool y_serves(const problem& p) {
  return p.find(GEMMACT_RESIDUAL) == nullptr && p.find(GEMMACT_SCALE_Y) == nullptr &&
         is_kept_type(GEMMACT_KEEP_OUTPUT, p.find(GEMMACT_Y)->type);
}

void resolve_kept(const listing& l, problem& p) {
  gemmact_keep asked = l.head.keep;
  bool listed = l.lists(GEMMACT_KEPT);
  bool inference = p.operation == GEMMACT_FORWARD && asked == GEMMACT_KEEP_AUTO && !listed;
  p.keep = inference ? GEMMACT_KEEP_NOTHING : choose_keep(l);
  if (p.operation == GEMMACT_FORWARD && p.keep == GEMMACT_KEEP_OUTPUT && !listed) {
    if (!y_serves(p))
      fail(GEMMACT_MISSING_TENSOR,
           "KEPT is not listed, but keep is output, and Y does not hold it (it is e4m3, scaled, or has a RESIDUAL "
           "added)");
    p.keep_type = p.find(GEMMACT_Y)->type;
  } else {
    p.keep_type = check_kept(p, p.keep, asked, 0, p.combine == GEMMACT_GATED ? 2 : 1);
  }
  p.keep_below = choose_keep_below(l);
  check_kept(p, p.keep_below, l.head.keep_below, GEMMACT_BELOW, p.below_pieces);
}

}  // namespace

problem check_problem(const gemmact_problem* given, catalogue functions) {
  listing l = read_listing(given, functions);
  problem p;
  p.operation = l.head.operation;
  p.combine = l.head.combine;
  p.below_combine = l.head.below_combine;
  p.pieces = l.pieces;
  p.below_pieces = l.below_pieces;
  p.compute = l.head.compute;
  p.accuracy = l.head.accuracy;
  p.flags = l.head.flags;
  p.m = l.head.m;
  p.n = l.head.n;
  p.k = l.head.k;
  p.batch = l.head.batch;
  p.activation = l.activation;
  if (l.below.info != nullptr) p.below = l.below;
  add_tensors(l, p);
  check_required(p);
  check_product_types(p);
  check_summing(p);
  resolve_kept(l, p);
  return p;
}

}  // namespace gemmact::core

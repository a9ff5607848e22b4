#include <iterator>

#include "tests/layer/cases.hpp"
#include "tests/layer/functions.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

enum kept_choice { none, automatic, least, output, z_in_f32, z_narrow };

bool output_serves(const function_use& use, const activation_case& act) {
  if (use.f->reference->grad_from_output == nullptr) return false;
  if (use.f->is_equation) return true;
  // A slope below 0 (or one that is not known yet) loses the sign.
  return use.f->name.find("lu") == std::string::npos || use.f->name == "relu" ||
         (act.params == param_source::text && use.params[0] >= 0);
}

layer make_activation_grad(case_builder& c) {
  layer& l = c.l;
  const activation_case act = l.combine == GEMMACT_MAXOUT ? activation_case{"linear"} : activation_of(c.row);
  if (l.combine != GEMMACT_MAXOUT) l.activation = act.text;
  l.add(GEMMACT_DY, float_type(c.row["type_dy"]), c.matrix("order_y", "pad_y", true));
  c.add_activation_inputs(act, 0);
  c.add_sums(act, 0, l.products());
  const bool trains = l.find(GEMMACT_DPARAM) != nullptr;
  c.add_kept("keep", act, 0, l.combine, trains);
  const bool sums_only = l.combine == GEMMACT_MAXOUT && l.find(GEMMACT_DBIAS) != nullptr && c.row["type_dz"] == 4;
  for (uint32_t p = 0; p < uint32_t(l.products()) && !sums_only; ++p)
    if (l.combine != GEMMACT_MAXOUT || c.of_piece("listed", 1, 2, p) != 0)
      l.add(GEMMACT_DZ, operand_type(c.row["type_dz"] % 4), c.matrix("order_x", "pad_x", true, p));
  return l;
}

// DZ, or for a maxout DY and the winners.
void add_given_gradient(case_builder& c, gemmact_type type) {
  layer& l = c.l;
  if (l.combine == GEMMACT_MAXOUT) {
    l.add(GEMMACT_DY, type, c.matrix("order_y", "pad_y", true));
    l.add(GEMMACT_KEPT, GEMMACT_U8, {.pad = c.matrix("order_y", "pad_y", true).pad});
    return;
  }
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p) l.add(GEMMACT_DZ, type, c.matrix("order_y", "pad_y", true, p));
}

layer make_input_grad(case_builder& c) {
  layer& l = c.l;
  const bool maxout = l.combine == GEMMACT_MAXOUT;
  const gemmact_type type = maxout ? float_type(c.row["operands"] % 3) : operand_type(c.row["operands"]);
  add_given_gradient(c, type);
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p)
    l.add(GEMMACT_W, type, c.matrix("order_w", "pad_w", c.batched_shared(), p));
  const int below = c.row["below"];  // none, plain with and without DX, gated
  if (below != 1) l.add(GEMMACT_DX, float_type(c.row["type_dx"]), c.matrix("order_x", "pad_x", true));
  if (below == 0) return l;
  const activation_case act = activation_of(c.row);
  l.below = act.text;
  l.below_combine = below == 3 ? GEMMACT_GATED : GEMMACT_PLAIN;
  const int pieces = below == 3 ? 2 : 1;
  c.add_activation_inputs(act, GEMMACT_BELOW);
  c.add_sums(act, GEMMACT_BELOW, pieces);
  c.add_kept("keep", act, GEMMACT_BELOW, l.below_combine, l.find(GEMMACT_BELOW | GEMMACT_DPARAM) != nullptr);
  for (uint32_t p = 0; p < uint32_t(pieces); ++p)
    l.add(GEMMACT_BELOW | GEMMACT_DZ, operand_type(c.row["type_dz"]), c.matrix("order_more", "pad_x", true, p));
  return l;
}

layer make_weight_grad(case_builder& c) {
  layer& l = c.l;
  const bool maxout = l.combine == GEMMACT_MAXOUT;
  const gemmact_type type = maxout ? float_type(c.row["operands"] % 3) : operand_type(c.row["operands"]);
  add_given_gradient(c, type);
  l.add(GEMMACT_X, type, c.matrix("order_x", "pad_x", c.batched_shared()));
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p)
    l.add(GEMMACT_DW, float_type(c.row["type_dw"]), c.matrix("order_w", "pad_w", c.row["batch"] == 1, p));
  c.add_sums({"linear"}, 0, l.products());
  return l;
}

}  // namespace

void case_builder::add_kept(const char* factor, const activation_case& act, uint32_t side, gemmact_combine combine,
                            bool wants_params) {
  gemmact_keep& keep = side == 0 ? l.keep : l.keep_below;
  const listing plain = {.pad = matrix("order_more", "pad_y", true).pad};
  if (combine == GEMMACT_MAXOUT) {
    if (seed & 1) keep = GEMMACT_KEEP_INDEX;
    l.add(GEMMACT_KEPT | side, GEMMACT_U8, plain);
    return;
  }
  const int choice = row[factor];
  const listing how = matrix("order_more", "pad_y", true);
  const function_use use = parse_use(act.text);
  const gemmact_type narrow = seed & 2 ? GEMMACT_F16 : GEMMACT_BF16;
  const gemmact_type wide = choice == z_narrow   ? narrow
                            : choice == z_in_f32 ? GEMMACT_F32
                                                 : float_type(int((seed >> 4) % 3));
  const bool output_known = output_serves(use, act);
  const bool needs_z = combine == GEMMACT_GATED || wants_params;
  gemmact_keep form = GEMMACT_KEEP_Z;
  if (!needs_z && (choice == automatic || choice == none)) form = use.f->needs;
  if (!needs_z && choice == least) form = use.f->reference->bit != nullptr ? GEMMACT_KEEP_BIT : use.f->needs;
  if (!needs_z && choice == output && output_known) form = GEMMACT_KEEP_OUTPUT;
  if (form == GEMMACT_KEEP_OUTPUT && !output_known) form = GEMMACT_KEEP_Z;
  if (form == GEMMACT_KEEP_NOTHING) return;
  // AUTO is left to the library where it means the same.
  const bool same = form == (needs_z ? GEMMACT_KEEP_Z : use.f->needs);
  keep = same && (seed & 8) ? GEMMACT_KEEP_AUTO : form;
  if (form == GEMMACT_KEEP_BIT) {
    l.add(GEMMACT_KEPT | side, GEMMACT_BIT, plain);
    return;
  }
  for (uint32_t i = 0; i < (combine == GEMMACT_GATED ? 2u : 1u); ++i) {
    listing each = how;
    each.index = i;
    l.add(GEMMACT_KEPT | side, wide, each);
  }
}

void case_builder::add_sums(const activation_case& act, uint32_t side, int pieces) {
  constexpr gemmact_extent extents[] = {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW};
  const int own = row["batch"] == 1;  // else summed over the batch
  for (uint32_t p = 0; p < uint32_t(pieces); ++p)
    if (const int how = of_piece("dbias", row["dbias"], 4, p))
      l.add(GEMMACT_DBIAS | side, float_type(of_piece("type_dbias", row["type_dbias"], 3, p)),
            {.index = p, .extent = extents[how - 1], .batched = of_piece("batch", own, 2, p) != 0});
  if (l.operation == GEMMACT_WEIGHT_GRAD || row["dparam"] == 0 || (side == 0 && l.combine == GEMMACT_MAXOUT)) return;
  const function& f = *parse_use(act.text).f;
  for (uint32_t p = 0; p < f.params.size(); ++p)
    if (f.params[p].trainable) {
      const int declared = f.params[p].per_column ? 1 : 0, extent = f.is_equation ? declared : row["dparam"] - 1;
      l.add(GEMMACT_DPARAM | side, float_type(row["type_dbias"]),
            {.index = p, .extent = extents[extent], .batched = own != 0});
    }
}

layer make_backward_case(gemmact_operation operation, const factor_row& row, uint64_t seed) {
  case_builder c{{}, row, seed};
  c.head(operation);
  if (operation == GEMMACT_ACTIVATION_GRAD) return make_activation_grad(c);
  return operation == GEMMACT_INPUT_GRAD ? make_input_grad(c) : make_weight_grad(c);
}

}  // namespace gemmact::test

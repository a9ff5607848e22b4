#include "host/plan/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/core/made_function.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"
#include "host/plan/families.hpp"

namespace gemmact::plan {
namespace {

std::string flags_text(const core::problem& p) {
  struct named {
    uint64_t flag;
    const char* text;
    uint32_t summed = 0;  // the slot without which the flag is ignored
  };
  constexpr named all[] = {{GEMMACT_ALLOW_UNFUSED, "several kernels allowed"},
                           {GEMMACT_BATCH_INVARIANT, "batch invariant"},
                           {GEMMACT_VARIABLE_M, "m may be less at run"},
                           {GEMMACT_ACCUMULATE_DW, "DW accumulated", GEMMACT_DW},
                           {GEMMACT_ACCUMULATE_DBIAS, "DBIAS accumulated", GEMMACT_DBIAS},
                           {GEMMACT_ACCUMULATE_DPARAM, "DPARAM accumulated", GEMMACT_DPARAM},
                           {GEMMACT_TRAIN_PARAMS, "parameters are trained"}};
  auto lists_any = [&](uint32_t slot) {
    return std::any_of(p.tensors.begin(), p.tensors.end(),
                       [&](const core::tensor& t) { return (t.slot & ~uint32_t{GEMMACT_BELOW}) == slot; });
  };
  std::string text;
  for (const named& f : all)
    if (p.has(f.flag) && (f.summed == 0 || lists_any(f.summed))) text += fmt::format(", {}", f.text);
  return text;
}

std::string tensor_line(const core::problem& p, const core::tensor& t) {
  std::string shape = fmt::format("{} x {} {}", t.rows, t.cols, core::name_of(t.order));
  if (t.extent != GEMMACT_EACH) shape = core::name_of(t.extent);
  int64_t ld = t.order == GEMMACT_ROW_MAJOR ? t.row_stride : t.col_stride;
  int64_t dense = t.order == GEMMACT_ROW_MAJOR ? t.cols : t.rows;
  if (t.extent == GEMMACT_EACH && ld != dense) shape += fmt::format(", ld {}", ld);
  if (p.batch > 1)
    shape += t.batch_stride == 0 ? ", one for the batch" : fmt::format(", batch stride {}", t.batch_stride);
  return fmt::format("  {:<13} {:<4} {:<4} {}{}, {} bytes\n", core::slot_text(t.slot, t.index), core::name_of(t.type),
                     t.output ? "out" : "in", shape, t.accumulate ? ", accumulated" : "",
                     core::tensor_bytes(t, p.batch));
}

// What an equation was worked out to.
std::string equation_lines(const core::activation_use& use, const char* label) {
  if (use.made == nullptr) return "";
  const core::made_function& f = *use.made;
  std::string text = fmt::format("{}: {}\n  computed as {}\n  derivative {}\n", label, f.text, f.formula, f.derivative);
  if (!f.note.empty()) text += fmt::format("  rewritten: {}\n", f.note);
  return text;
}

// "z (asked for)", "bit (the least that relu's derivative needs)" and so on.
std::string keep_line(const core::problem& p, const gemmact_problem& head) {
  if (p.operation == GEMMACT_WEIGHT_GRAD || (p.operation == GEMMACT_INPUT_GRAD && !p.below)) return "";
  bool of_below = p.operation == GEMMACT_INPUT_GRAD;
  gemmact_keep keep = of_below ? p.keep_below : p.keep, asked = of_below ? head.keep_below : head.keep;
  gemmact_combine combine = of_below ? p.below_combine : p.combine;
  const core::activation_use& f = of_below ? *p.below : p.activation;
  uint32_t slot = (of_below ? uint32_t{GEMMACT_BELOW} : 0u) | GEMMACT_KEPT;
  std::string why =
      fmt::format("the least that {}'s derivative needs", f.made != nullptr ? "the equation" : f.info->name);
  if (combine == GEMMACT_GATED) why = "a gated pair's backward needs both z";
  if (combine == GEMMACT_MAXOUT) why = "a maxout's backward needs the winner";
  if (keep == GEMMACT_KEEP_Z && combine == GEMMACT_PLAIN && f.info->needs != GEMMACT_KEEP_Z)
    why = "gradients of parameters are asked for";
  if (keep == GEMMACT_KEEP_NOTHING && p.operation == GEMMACT_FORWARD && f.info->needs != GEMMACT_KEEP_NOTHING)
    why = "inference: no KEPT is listed";
  if (asked != GEMMACT_KEEP_AUTO) why = "asked for";
  std::string line =
      fmt::format("{}: {} ({})", of_below ? "Kept of the layer below" : "Kept", core::name_of(keep), why);
  int64_t bytes = 0;
  for (const core::tensor& t : p.tensors)
    if (t.slot == slot) bytes += core::tensor_bytes(t, p.batch);
  if (bytes > 0) line += fmt::format(", as {}, {} bytes", core::name_of(p.find(slot)->type), bytes);
  else if (keep == GEMMACT_KEEP_OUTPUT) line += ", Y itself";
  return line + ".\n";
}

std::string family_lines(const core::device& device, const core::problem& p) {
  const std::vector<core::offer> offers = device.offers(p);
  check_override(offers);
  std::string text = "Families:\n", ending;
  for (const core::offer& o : offers) {
    if (!o.refusal.empty()) text += fmt::format("  {}: refused, {}\n", o.family, o.refusal);
    else text += fmt::format("  {}: {}{}; {}\n", o.family, o.chosen ? "" : "could take it too, ", o.kernel, o.detail);
    for (const std::string& line : o.configurations) text += fmt::format("    {}\n", line);
    if (o.chosen) ending = fmt::format("Launches: {}. Workspace: {} bytes.\n", o.launches, o.workspace_bytes);
  }
  if (ending.empty())
    return text + "Refused: GEMMACT_NOT_SUPPORTED: no kernel family of this device takes the problem.\n";
  return text + ending;
}

std::string problem_text(const core::problem& p, const gemmact_problem& head) {
  std::string text =
      fmt::format("{} of a {} layer: {}; m = {}, n = {}, k = {}, batch {}; {} products, {} activation{}.\nTensors:\n",
                  core::name_of(p.operation), core::name_of(p.combine), formula(p), p.m, p.n, p.k, p.batch,
                  core::name_of(p.compute), core::name_of(p.accuracy), flags_text(p));
  for (const core::tensor& t : p.tensors) text += tensor_line(p, t);
  text += equation_lines(p.activation, "Equation");
  if (p.below) text += equation_lines(*p.below, "Equation of the layer below");
  return text + keep_line(p, head);
}

}  // namespace

std::string explain(std::string_view device_text, const core::device& device, const gemmact_problem* given,
                    core::catalogue functions) {
  std::string text = fmt::format("Device {}: {}.\n", core::quoted(device_text), device.description());
  try {
    core::problem p = core::check_problem(given, functions);
    text += problem_text(p, core::copy_struct<gemmact_problem>(given, core::struct_bytes_of(given)));
    text += family_lines(device, p);
  } catch (const core::failure& f) {
    text += fmt::format("Refused: {}: {}{}\n", core::status_name(f.status()), f.message(),
                        f.message().back() == '?' ? "" : ".");
  }
  return text;
}

}  // namespace gemmact::plan

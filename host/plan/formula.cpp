#include <fmt/format.h>

#include "host/core/names.hpp"
#include "host/plan/explain.hpp"

namespace gemmact::plan {
namespace {

// "swish(beta=1.5)": parameters that a PARAM tensor gives are named by it, operands by TARGET or OPERAND.
std::string function(const core::problem& p, const core::activation_use& use, uint32_t below) {
  std::string text;
  for (int i = 0; i < use.info->param_count; ++i) {
    const gemmact_param_info& param = use.info->params[i];
    const char* prefix = below != 0 ? "BELOW|" : "";
    std::string value = fmt::format("{}", use.params[i]);
    if (param.is_operand != 0)
      value = use.made != nullptr ? core::slot_text(below | GEMMACT_OPERAND, i) : fmt::format("{}TARGET", prefix);
    if (p.find(below | GEMMACT_PARAM, i) != nullptr) value = core::slot_text(below | GEMMACT_PARAM, i);
    text += fmt::format("{}{}={}", i == 0 ? "" : ", ", param.name, value);
  }
  return text.empty() ? use.info->name : fmt::format("{}({})", use.info->name, text);
}

std::string pre_activation(const core::problem& p, int piece) {
  std::string z;
  if (p.find(GEMMACT_ALPHA) != nullptr) z += "ALPHA ";
  if (p.find(GEMMACT_SCALE_X) != nullptr) z += "SCALE_X ";
  if (p.find(GEMMACT_SCALE_W, piece) != nullptr) z += core::slot_text(GEMMACT_SCALE_W, piece) + " ";
  z += "X " + core::slot_text(GEMMACT_W, piece) + "^T";
  if (p.find(GEMMACT_BIAS, piece) != nullptr) z += " + " + core::slot_text(GEMMACT_BIAS, piece);
  if (p.find(GEMMACT_C, piece) != nullptr)
    z += (p.find(GEMMACT_BETA) != nullptr ? " + BETA " : " + ") + core::slot_text(GEMMACT_C, piece);
  return z;
}

std::string forward(const core::problem& p) {
  std::string f = function(p, p.activation, 0), y;
  if (p.combine == GEMMACT_PLAIN) y = fmt::format("{}({})", f, pre_activation(p, 0));
  if (p.combine == GEMMACT_GATED) y = fmt::format("{}({}) o ({})", f, pre_activation(p, 0), pre_activation(p, 1));
  if (p.combine == GEMMACT_MAXOUT) {
    for (int i = 0; i < p.pieces; ++i) y += (i == 0 ? "max(" : ", ") + pre_activation(p, i);
    y += ")";
  }
  if (p.find(GEMMACT_RESIDUAL) != nullptr) y += " + RESIDUAL";
  if (p.find(GEMMACT_SCALE_Y) != nullptr) y = fmt::format("SCALE_Y ({})", y);
  return "Y = " + y;
}

// "DY o relu'(z)" and its like, for the layer itself or the one below.
std::string gradient(const core::problem& p, const core::activation_use& use, gemmact_combine combine,
                     const std::string& incoming, uint32_t below) {
  std::string dz = core::slot_text(below | GEMMACT_DZ, 0), f = function(p, use, below);
  if (combine == GEMMACT_GATED)
    return fmt::format("{0} = {2} o z1 o {3}'(z0), {1} = {2} o {3}(z0)", dz, core::slot_text(below | GEMMACT_DZ, 1),
                       incoming, f);
  return fmt::format("{} = {} o {}'(z)", dz, incoming, f);
}

std::string activation_grad(const core::problem& p) {
  if (p.combine == GEMMACT_MAXOUT) return "DZ[i] = DY where KEPT = i, else 0";
  return gradient(p, p.activation, p.combine, "DY", 0);
}

std::string input_grad(const core::problem& p) {
  std::string dx;
  for (int i = 0; i < p.pieces; ++i) {
    std::string left =
        p.combine == GEMMACT_MAXOUT ? fmt::format("(DY where KEPT = {})", i) : core::slot_text(GEMMACT_DZ, i);
    dx += fmt::format("{}{} {}", i == 0 ? "" : " + ", left, core::slot_text(GEMMACT_W, i));
  }
  if (!p.below) return "DX = " + dx;
  std::string below = gradient(p, *p.below, p.below_combine, "t", GEMMACT_BELOW);
  return fmt::format("{} = {}, {}", p.find(GEMMACT_DX) != nullptr ? "t = DX" : "t", dx, below);
}

std::string weight_grad(const core::problem& p) {
  std::string text;
  const char* equals = p.has(GEMMACT_ACCUMULATE_DW) ? "+=" : "=";
  for (int i = 0; i < p.pieces; ++i) {
    std::string left =
        p.combine == GEMMACT_MAXOUT ? fmt::format("(DY where KEPT = {})", i) : core::slot_text(GEMMACT_DZ, i);
    text += fmt::format("{}{} {} {}^T X", i == 0 ? "" : ", ", core::slot_text(GEMMACT_DW, i), equals, left);
  }
  return text;
}

// What else is written: sums, the largest magnitude, the other class.
std::string company(const core::problem& p) {
  std::string text;
  for (const core::tensor& t : p.tensors) {
    if (!t.output) continue;
    const uint32_t below = t.slot & GEMMACT_BELOW, slot = t.slot & ~uint32_t{GEMMACT_BELOW};
    const std::string name = core::slot_text(t.slot, t.index);
    const char* equals = t.accumulate ? "+=" : "=";
    const core::activation_use& f = below != 0 ? *p.below : p.activation;
    if (slot == GEMMACT_DBIAS)
      text += fmt::format(", {} {} {} sums of {}", name, equals, core::name_of(t.extent),
                          core::slot_text(below | GEMMACT_DZ, t.index));
    if (slot == GEMMACT_DPARAM)
      text +=
          fmt::format(", {} {} {} sums for {}", name, equals, core::name_of(t.extent), f.info->params[t.index].name);
    if (slot == GEMMACT_AMAX_Y) text += ", AMAX_Y = the largest |Y| before SCALE_Y";
    if (slot == GEMMACT_Y_OTHER) text += fmt::format(", Y_OTHER = 1 - {}", f.info->name);
  }
  return text;
}

std::string main_formula(const core::problem& p) {
  if (p.operation == GEMMACT_FORWARD) return forward(p);
  if (p.operation == GEMMACT_ACTIVATION_GRAD) return activation_grad(p);
  return p.operation == GEMMACT_INPUT_GRAD ? input_grad(p) : weight_grad(p);
}

}  // namespace

std::string formula(const core::problem& p) { return main_formula(p) + company(p); }

}  // namespace gemmact::plan

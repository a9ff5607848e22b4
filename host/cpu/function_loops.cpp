#include "host/cpu/function_loops.hpp"

namespace gemmact::cpu {
namespace {

constexpr uint32_t all_params = (1u << core::max_params) - 1;

// The loops of the catalogue have parameters that are all single or all of each element.
uint32_t params_by_element(const core::problem& p, const core::activation_use& use, uint32_t slot_bits) {
  uint32_t each = 0;
  for (int i = 0; i < use.info->param_count; ++i)
    if (const core::tensor* t = param_tensor(p, use, i, slot_bits); t != nullptr && t->col_stride != 0) each |= 1u << i;
  return each != 0 && use.made == nullptr ? all_params : each;
}

}  // namespace

const core::tensor* param_tensor(const core::problem& p, const core::activation_use& use, int param,
                                 uint32_t slot_bits) {
  const auto index = static_cast<uint32_t>(param);
  if (use.info->params[param].is_operand == 0) return p.find(slot_bits | GEMMACT_PARAM, index);
  return use.made == nullptr ? p.find(slot_bits | GEMMACT_TARGET) : p.find(slot_bits | GEMMACT_OPERAND, index);
}

function_loops::function_loops(const gemmact_isa::isa& isa, const core::problem& p, const core::activation_use& use,
                               uint32_t slot_bits)
    : function_loops(isa, use, p.accuracy, params_by_element(p, use, slot_bits)) {}

function_loops::function_loops(const gemmact_isa::isa& isa, const core::activation_use& use, gemmact_accuracy accuracy,
                               uint32_t each)
    : each_(each) {
  const bool fast = accuracy == GEMMACT_FAST;
  if (use.made == nullptr) {
    const gemmact_isa::activation_maps& maps = *isa.activation(use.index, fast);
    const int shape = each == 0 ? gemmact_isa::scalar : gemmact_isa::each;
    maps_ = {maps.value[shape],         maps.other[shape], maps.grad[shape], maps.grad_from_output[shape],
             maps.grad_from_bit[shape], maps.bit[shape]};
    for (size_t i = 0; i < core::max_params; ++i) maps_[param_grad + i] = maps.param_grad[i][shape];
    return;
  }
  const core::made_function& f = *use.made;
  const auto link = [&](size_t q, const core::program& program) {
    programs_[q] = linked_program(program, isa, fast, each);
  };
  link(value, f.value);
  link(grad, f.grad);
  if (f.info.has_grad_from_output) link(grad_from_output, f.grad_from_output);
  if (f.info.has_bit) {
    link(bit, f.bit);
    link(grad_from_bit, f.grad_from_bit);
  }
  for (size_t i = 0; i < static_cast<size_t>(f.info.param_count); ++i)
    if (f.info.params[i].trainable != 0) link(param_grad + i, f.param_grad[i]);
}

}  // namespace gemmact::cpu

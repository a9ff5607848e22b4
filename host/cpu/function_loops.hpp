// The loops of one function, of the catalogue or made of an equation, for one instruction set and accuracy.
#pragma once
#include <array>

#include "host/core/problem.hpp"
#include "host/cpu/linked_program.hpp"

namespace gemmact::cpu {

class function_loops {
 public:
  // What a loop computes; parameter p's derivative is param_grad + p.
  enum quantity : uint8_t {
    value,
    other,
    grad,              // from z
    grad_from_output,  // from y
    grad_from_bit,     // from 1 or 0
    bit,               // as 1 or 0
    param_grad,
    quantities = param_grad + core::max_params
  };

  // With one number for each parameter.
  function_loops(const gemmact_isa::isa& isa, const core::activation_use& use, gemmact_accuracy accuracy)
      : function_loops(isa, use, accuracy, 0) {}
  // With parameters that come from the problem's tensors. `slot_bits`: 0, or GEMMACT_BELOW for the layer below.
  function_loops(const gemmact_isa::isa& isa, const core::problem& p, const core::activation_use& use,
                 uint32_t slot_bits);

  // Whether parameter p is given as one value an element.
  bool each(int p) const { return (each_ >> p & 1) != 0; }
  // out[i] = g(in[i]); in == out is allowed. Allocates nothing. The function must have the quantity.
  void operator()(int q, const float* const* params, const float* in, float* out, size_t count) const {
    const size_t at = static_cast<size_t>(q);
    if (maps_[at] != nullptr) maps_[at](params, in, out, count);
    else programs_[at](params, in, out, count);
  }

 private:
  function_loops(const gemmact_isa::isa& isa, const core::activation_use& use, gemmact_accuracy accuracy,
                 uint32_t each);
  uint32_t each_ = 0;
  std::array<gemmact_isa::map_fn, quantities> maps_{};
  std::array<linked_program, quantities> programs_;
};

// The tensor that parameter p of a function comes from; null where it is the number in the text.
const core::tensor* param_tensor(const core::problem& p, const core::activation_use& use, int param,
                                 uint32_t slot_bits);

}  // namespace gemmact::cpu

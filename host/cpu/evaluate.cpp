#include "host/cpu/evaluate.hpp"

#include "host/cpu/isas.hpp"

namespace gemmact::cpu {

void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx) {
  static const gemmact_isa::isa& isa = chosen_isa();
  const gemmact_isa::activation_maps& maps = *isa.activation(use.index, accuracy == GEMMACT_FAST);
  const float* params[core::max_params];
  for (int i = 0; i < core::max_params; ++i) params[i] = &use.params[size_t(i)];
  // The derivative first: y may be x.
  if (dy_dx != nullptr && dy_dx != x) maps.grad[gemmact_isa::scalar](params, x, dy_dx, count);
  if (y != nullptr) maps.value[gemmact_isa::scalar](params, x, y, count);
  if (dy_dx != nullptr && dy_dx == x) maps.grad[gemmact_isa::scalar](params, x, dy_dx, count);
}

}  // namespace gemmact::cpu

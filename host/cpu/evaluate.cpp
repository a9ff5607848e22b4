#include "host/cpu/evaluate.hpp"

#include "host/cpu/function_loops.hpp"
#include "host/cpu/isas.hpp"

namespace gemmact::cpu {

void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx) {
  static const gemmact_isa::isa& isa = chosen_isa();
  const function_loops loops(isa, use, accuracy);
  const float* params[core::max_params];
  for (int i = 0; i < core::max_params; ++i) params[i] = &use.params[size_t(i)];
  // The derivative first: y may be x.
  if (dy_dx != nullptr && dy_dx != x) loops(function_loops::grad, params, x, dy_dx, count);
  if (y != nullptr) loops(function_loops::value, params, x, y, count);
  if (dy_dx != nullptr && dy_dx == x) loops(function_loops::grad, params, x, dy_dx, count);
}

}  // namespace gemmact::cpu

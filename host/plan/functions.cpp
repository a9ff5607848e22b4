#include "host/plan/functions.hpp"

#include "host/cpu/catalogue.hpp"
#include "host/cpu/evaluate.hpp"

namespace gemmact::plan {

core::catalogue functions() { return cpu::catalogue(); }

void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx) {
  cpu::evaluate(use, accuracy, x, count, y, dy_dx);
}

}  // namespace gemmact::plan

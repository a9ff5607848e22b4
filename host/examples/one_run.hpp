// A layer's operation planned, run once and forgotten: what examples do where speed is not their point.
#pragma once
#include <gemmact/gemmact.hpp>
#include <initializer_list>

namespace examples {

// One tensor and its memory, dense and row-major.
struct operand {
  uint32_t slot;
  gemmact_type type;
  const void* data;
  gemmact_extent extent = GEMMACT_EACH;
};

struct one_run {
  gemmact_operation operation;
  int64_t m = 1, n = 1, k = 1;
  const char* activation = nullptr;
  const char* below = nullptr;

  void operator()(const gemmact::context& device, std::initializer_list<operand> all) const {
    gemmact::problem layer(operation, m, n, k);
    if (activation != nullptr) layer.activation(activation);
    if (below != nullptr) layer.below(below);
    gemmact::operands memory;
    for (const operand& o : all) {
      layer.with(o.slot, {.type = o.type, .extent = o.extent});
      memory.bind(o.slot, o.data);
    }
    const gemmact::plan plan(device, layer);
    plan.run(memory, gemmact::workspace(plan));
  }
};

}  // namespace examples

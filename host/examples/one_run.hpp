// A layer's operation planned, run once and forgotten: what the examples do when speed is not their point.
#pragma once
#include <gemmact/gemmact.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <vector>

namespace examples {

// One tensor and its memory, dense and row-major.
struct operand {
  uint32_t slot;
  gemmact_type type;
  void* data;
  gemmact_extent extent = GEMMACT_EACH;
};

inline void demand(gemmact_status status) {
  if (status == GEMMACT_OK) return;
  std::fprintf(stderr, "%s: %s\n", gemmact_status_name(status), gemmact_last_error());
  std::exit(1);
}

struct one_run {
  gemmact_operation operation;
  int64_t m = 1, n = 1, k = 1;
  const char* activation = nullptr;
  const char* below = nullptr;

  void operator()(gemmact_context* context, std::initializer_list<operand> operands) const {
    std::vector<gemmact_tensor> tensors;
    std::vector<gemmact_binding> bindings;
    for (const operand& o : operands) {
      gemmact_tensor t{};
      t.slot = o.slot;
      t.type = o.type;
      t.extent = o.extent;
      tensors.push_back(t);
      bindings.push_back({o.slot, 0, o.data});
    }
    gemmact_problem problem{};
    problem.struct_bytes = sizeof problem;
    problem.operation = operation;
    problem.m = m;
    problem.n = n;
    problem.k = k;
    problem.activation = activation;
    problem.below = below;
    problem.tensors = tensors.data();
    problem.tensor_count = tensors.size();
    problem.tensor_bytes = sizeof(gemmact_tensor);
    gemmact_plan* plan = nullptr;
    demand(gemmact_plan_create(context, &problem, &plan));

    gemmact_plan_info info{};
    info.struct_bytes = sizeof info;
    demand(gemmact_plan_get_info(plan, &info));
    void* workspace =
        info.workspace_bytes == 0 ? nullptr : std::aligned_alloc(256, (info.workspace_bytes + 255) / 256 * 256);
    demand(gemmact_workspace_init(plan, workspace, nullptr));

    gemmact_operands bound{};
    bound.struct_bytes = sizeof bound;
    bound.bindings = bindings.data();
    bound.count = bindings.size();
    bound.binding_bytes = sizeof(gemmact_binding);
    bound.workspace_bytes = info.workspace_bytes;
    demand(gemmact_run(plan, &bound, workspace, nullptr));
    std::free(workspace);
    gemmact_plan_destroy(plan);
  }
};

}  // namespace examples

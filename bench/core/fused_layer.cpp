#include "bench/core/fused_layer.hpp"

#include <fmt/format.h>

namespace gemmact_bench {

void require(gemmact_status status, const char* call) {
  if (status != GEMMACT_OK)
    throw library_error(fmt::format("{}: {}: {}", call, gemmact_status_name(status), gemmact_last_error()));
}

context::context(const std::string& device) {
  require(gemmact_context_create(device.c_str(), &handle_), "gemmact_context_create");
}

gemmact_device_info context::info() const {
  gemmact_device_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_context_get_info(handle_, &info), "gemmact_context_get_info");
  return info;
}

std::string context::description() const { return info().description; }
int context::threads() const { return int(info().threads); }

gemmact_tensor matrix(uint32_t slot, gemmact_type type, uint32_t index) {
  gemmact_tensor t{};
  t.slot = slot;
  t.index = index;
  t.type = type;
  return t;
}

gemmact_tensor vector(uint32_t slot, gemmact_extent extent, gemmact_type type) {
  gemmact_tensor t = matrix(slot, type);
  t.extent = extent;
  return t;
}

fused_layer::fused_layer(const context& on, gemmact_problem problem, const std::vector<gemmact_tensor>& tensors) {
  problem.struct_bytes = sizeof problem;
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  problem.tensor_bytes = sizeof(gemmact_tensor);
  require(gemmact_plan_create(on.get(), &problem, &plan_), "gemmact_plan_create");
  try {
    gemmact_plan_info info{};
    info.struct_bytes = sizeof info;
    require(gemmact_plan_get_info(plan_, &info), "gemmact_plan_get_info");
    workspace_ = buffer(info.workspace_bytes);
    require(gemmact_workspace_init(plan_, workspace_.data(), nullptr), "gemmact_workspace_init");
  } catch (...) {
    gemmact_plan_destroy(plan_);
    throw;
  }
  for (const auto& t : tensors) bindings_.push_back({t.slot, t.index, nullptr});
  operands_.struct_bytes = sizeof operands_;
  operands_.bindings = bindings_.data();
  operands_.count = bindings_.size();
  operands_.binding_bytes = sizeof(gemmact_binding);
  operands_.workspace_bytes = workspace_.bytes();
}

void fused_layer::run() { require(gemmact_run(plan_, &operands_, workspace_.data(), nullptr), "gemmact_run"); }

std::string fused_layer::kernel() const {
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_plan_get_info(plan_, &info), "gemmact_plan_get_info");
  return info.kernel;
}

}  // namespace gemmact_bench

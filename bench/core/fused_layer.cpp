#include "bench/core/fused_layer.hpp"

#include <fmt/format.h>

namespace gemmact_bench {

void require(gemmact_status status, const char* call) {
  if (status != GEMMACT_OK)
    throw library_error(status, fmt::format("{}: {}: {}", call, gemmact_status_name(status), gemmact_last_error()));
}

context::context(const std::string& device) : device_(device) {
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

layer_place on_host() {
  return {[](size_t bytes) {
            auto memory = std::make_shared<buffer>(bytes);
            return std::shared_ptr<void>(memory, memory->data());
          },
          nullptr};
}

fused_layer::fused_layer(const context& on, gemmact_problem problem, const std::vector<gemmact_tensor>& tensors,
                         const layer_place& place)
    : stream_(place.stream) {
  problem.struct_bytes = sizeof problem;
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  problem.tensor_bytes = sizeof(gemmact_tensor);
  require(gemmact_plan_create(on.get(), &problem, &plan_), "gemmact_plan_create");
  try {
    operands_.workspace_bytes = info().workspace_bytes;
    workspace_ = place.allocate(operands_.workspace_bytes);
    require(gemmact_workspace_init(plan_, workspace_.get(), stream_), "gemmact_workspace_init");
  } catch (...) {
    gemmact_plan_destroy(plan_);
    throw;
  }
  for (const auto& t : tensors) bindings_.push_back({t.slot, t.index, nullptr});
  operands_.struct_bytes = sizeof operands_;
  operands_.bindings = bindings_.data();
  operands_.count = bindings_.size();
  operands_.binding_bytes = sizeof(gemmact_binding);
}

void fused_layer::run() { require(gemmact_run(plan_, &operands_, workspace_.get(), stream_), "gemmact_run"); }

gemmact_plan_info fused_layer::info() const {
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_plan_get_info(plan_, &info), "gemmact_plan_get_info");
  return info;
}

}  // namespace gemmact_bench

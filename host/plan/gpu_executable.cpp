#include "host/plan/gpu_executable.hpp"

#include "host/core/status.hpp"

namespace gemmact::plan {

gpu_executable::gpu_executable(families::layer layer, const families::gpu& device, const gpu_pick& pick,
                               const cuda::context* here, std::shared_ptr<const cuda::loaded_kernel> kernel)
    : layer_(std::move(layer)),
      device_(device),
      family_(*pick.family),
      chosen_(*pick.candidate),
      workspace_bytes_(family_.workspace_bytes(layer_, device_, chosen_)),
      here_(here),
      maps_(here == nullptr ? std::nullopt : std::optional<const tensor_maps>(*here)),
      kernel_(std::move(kernel)),
      profiler_name_(chosen_.kernel) {}

void gpu_executable::workspace_init(void* workspace, void* stream) const {
  if (here_ == nullptr)
    core::fail(GEMMACT_NO_DEVICE, "the plan's device is only described, not on this machine; it has no workspaces");
  here_->zero(workspace, workspace_bytes_, stream);
}

// On the path of every run: nothing is allocated, locked or waited for.
void gpu_executable::run(const core::run_operands& operands, void* workspace, void* stream) const {
  families::params_bytes params;
  const families::launch launch = family_.prepare(
      {layer_, device_, chosen_, operands.m, operands.data, workspace, maps_ ? &*maps_ : nullptr}, params);
  if (params.size != chosen_.params_bytes)
    core::fail(GEMMACT_INTERNAL, "{} prepared {} bytes for {}, which takes {}", family_.name, params.size,
               chosen_.kernel, chosen_.params_bytes);
  const cuda::profiler_range range(profiler_name_);
  const cuda::launch_shape shape{{launch.grid[0], launch.grid[1], launch.grid[2]},
                                 launch.threads,
                                 launch.shared_bytes,
                                 launch.cluster,
                                 launch.overlaps_previous};
  kernel_->launch(shape, params.bytes, stream);
}

void* gpu_executable::take_workspace(void* stream) const {
  if (here_ == nullptr || workspace_bytes_ == 0) return nullptr;
  void* memory = here_->allocate(workspace_bytes_, stream);
  try {
    here_->zero(memory, workspace_bytes_, stream);
  } catch (...) {
    here_->release(memory, stream);
    throw;
  }
  return memory;
}

void gpu_executable::give_back_workspace(void* workspace, void* stream) const noexcept {
  if (workspace != nullptr) here_->release(workspace, stream);
}

}  // namespace gemmact::plan

// A plan's kernel on a GPU.
#pragma once
#include <memory>
#include <optional>

#include "host/core/device.hpp"
#include "host/cuda/loaded_kernel.hpp"
#include "host/cuda/profiler_range.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/tensor_maps.hpp"

namespace gemmact::plan {

class gpu_executable final : public core::executable {
 public:
  // `device` must outlive it. Of a described device, `here` and `kernel` are null.
  gpu_executable(families::layer layer, const families::gpu& device, const gpu_pick& pick, const cuda::context* here,
                 std::shared_ptr<const cuda::loaded_kernel> kernel);

  size_t workspace_bytes() const override { return workspace_bytes_; }
  int launches() const override { return 1; }
  std::string family() const override { return family_.name; }
  std::string kernel_name() const override { return chosen_.kernel; }
  void workspace_init(void* workspace, void* stream) const override;
  void run(const core::run_operands& operands, void* workspace, void* stream) const override;
  void* take_workspace(void* stream) const override;
  void give_back_workspace(void* workspace, void* stream) const noexcept override;

 private:
  const families::layer layer_;
  const families::gpu& device_;
  const gpu_family& family_;
  const families::candidate chosen_;
  const size_t workspace_bytes_;
  const cuda::context* here_;
  const std::optional<const tensor_maps> maps_;  // where `here_` is
  const std::shared_ptr<const cuda::loaded_kernel> kernel_;
  const cuda::profiler_name profiler_name_;
};

}  // namespace gemmact::plan

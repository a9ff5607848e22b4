// A GPU as the rest sees it: one that is here ("cuda:0"), or one that is only described ("describe:h100"), whose families
// can be asked what they would do.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "host/core/device.hpp"
#include "host/cuda/loaded_kernel.hpp"
#include "host/jit/compiler.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/tuned_times.hpp"

namespace gemmact::plan {

class gpu_device final : public core::device {
 public:
  // `here`: its context, or null for a described one. Throws BAD_FILE for a pack that cannot be used.
  gpu_device(families::gpu facts, const cuda::context* here, std::span<const gpu_family> families,
             jit::compiler_options options);

  std::string description() const override;
  bool can_run() const override { return here_ != nullptr; }
  bool has_streams() const override { return true; }
  void refuse_capture(void* stream) const override;
  std::unique_ptr<core::device_memory> make_memory(size_t bytes) const override;
  void wait() const override;
  std::vector<core::offer> offers(const core::problem& p) const override;
  // Of a described device, the plan is made and nothing is compiled.
  std::unique_ptr<core::executable> compile(const core::problem& p) const override;
  core::tuning_result tune(const core::problem& p, const core::run_operands& operands,
                           const core::tuning_wish& wish) const override;

 private:
  core::offer offer_of(const gpu_answer& answer, const families::layer& layer, std::span<const gpu_pick> picks,
                       const gpu_pick* chosen) const;
  std::string configuration_line(const families::candidate& c, const core::timing* timing) const;
  // What compile() takes and explain marks: the first pick, of those whose kernel can be had; the first where none can,
  // null where there are none.
  const gpu_pick* taken_of(const std::vector<gpu_pick>& picks) const;
  bool is_obtainable(const gpu_pick& pick) const;
  std::vector<gpu_pick> some_of(const gpu_choice& choice,
                                std::span<const core::timing> timings = {}) const;  // or throws
  std::unique_ptr<core::executable> make_executable(const gpu_choice& choice, const gpu_pick& pick) const;
  // One a pick, null for one that does not compile, whose timing gets the failure. Throws where none does.
  std::vector<std::unique_ptr<core::executable>> compile_all(const gpu_choice& choice, std::span<const gpu_pick> picks,
                                                             std::vector<core::timing>& timings) const;
  // Those to time, of which some kernel can be had; where none can, the cheapest, which says why. What plans take by times
  // of the same m is among them, whatever GEMMACT_PLAN says: older times rank behind these, and it ranks before those.
  std::vector<gpu_pick> picks_to_time(const gpu_choice& choice, const tuned_problem& before, int64_t m, bool all) const;
  std::vector<core::timing> by_preference(const gpu_choice& choice, const core::problem& p,
                                          std::vector<core::timing> timings) const;
  std::shared_ptr<const cuda::loaded_kernel> load(const families::candidate& candidate,
                                                  const std::shared_ptr<const jit::image>& image) const;

  const families::gpu facts_;
  const cuda::context* here_;
  const std::span<const gpu_family> families_;
  mutable jit::compiler compiler_;
  mutable tuned_times tuned_;
  mutable std::mutex tuning_;  // one at a time: they would time each other
  struct loaded {
    std::shared_ptr<const jit::image> image;
    std::shared_ptr<const cuda::loaded_kernel> kernel;
  };
  mutable std::mutex loading_;
  mutable std::map<const jit::image*, loaded> loaded_;  // guarded by loading_

  // Kernels that have not compiled cleanly.
  void set_aside(const families::candidate& candidate) const;
  bool is_set_aside(const families::candidate& candidate) const;
  mutable std::mutex set_aside_mutex_;
  mutable std::set<std::string> set_aside_;
};

}  // namespace gemmact::plan

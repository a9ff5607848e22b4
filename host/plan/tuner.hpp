// Times configurations of one problem on a GPU, on the caller's inputs.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "host/core/device.hpp"
#include "host/core/status.hpp"
#include "host/cuda/event.hpp"
#include "host/cuda/memory.hpp"

namespace gemmact::plan {

// The median of at least one sample, and bounds: samples, counted from the ends. From 6 on they hold the true median in at
// least 19 of 20 such series, whatever the distribution; of fewer they are the extremes, which hold it less often.
void set_times(core::timing& timing, std::vector<double> microseconds);

// The runs of all configurations are interleaved, round by round, in the default stream; each round begins with another one.
// Before each run the L2 is filled with other memory, as it is where other layers run in between: weights that are read once
// are not timed as if they stayed there. A run is between two events of its own, and is queued while the device is busy
// with the filling, so that the host's time is not in it.
//
// Outputs go to memory of the tuner's own, which begins where the caller's does in its 256 bytes, zeros where they are
// accumulated into: nothing of the caller's is written.
class tuner {
 public:
  // `context` and `problem` must outlive it, and so must what `operands` points to. Throws OUT_OF_MEMORY.
  tuner(const cuda::context& context, int64_t l2_bytes, const core::problem& problem,
        const core::run_operands& operands);

  // After a first run of each, which is not counted: six rounds, and more until budget_ms of the device's time have passed,
  // at most 101. What is far slower than our fastest after six is left behind with what it has; baselines are not. Once the
  // budget has passed and two are there, further ones of ours are not begun, and have no runs. One that fails is told by its
  // timing's failure if the device works on. Throws what leaves the device unusable, and what the first one threw where all
  // fail. `timings` are those of `configurations`, of which some may be null.
  void time(const std::vector<std::unique_ptr<core::executable>>& configurations, double budget_ms,
            std::vector<core::timing>& timings);

 private:
  struct arm {
    const core::executable* runs;
    core::timing* timing;
    std::unique_ptr<cuda::event> begin, end;
    std::vector<double> samples;
  };
  void first_runs(const std::vector<std::unique_ptr<core::executable>>& configurations, double budget_ms,
                  std::vector<core::timing>& timings);
  bool queue(arm& a);  // one run; false where it fails and the device works on
  void round(size_t first);
  void leave_slow_ones();
  double spent_ms();

  const cuda::context& context_;
  const core::problem& problem_;
  const int64_t m_;
  cuda::memory filling_;
  std::vector<std::unique_ptr<cuda::memory>> outputs_, accumulated_;
  std::vector<void*> data_;  // the operands', outputs replaced
  std::unique_ptr<cuda::memory> workspace_;
  cuda::event start_, now_;
  std::vector<arm> arms_;
  std::optional<core::failure> first_failure_;
};

}  // namespace gemmact::plan

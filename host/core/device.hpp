// What a device is to the planner: each of host/cpu, host/cuda implements it.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "host/core/problem.hpp"

namespace gemmact::core {

// A family's answer to a problem: the kernel it would launch, or the reason why not.
struct offer {
  std::string family;
  std::string refusal;  // empty: accepted
  std::string kernel;   // the name a profiler shows
  std::string detail;   // configuration and estimate, for explanations
  // Of a family that has several configurations: their names in GEMMACT_PLAN, and a line each for explanations.
  std::vector<std::string> tiles, configurations;
  bool chosen = false;  // a plan would take it
  int launches = 1;
  size_t workspace_bytes = 0;
};

// What tuning has seen of one configuration, in microseconds a run. From 6 runs on, the true median lies between the bounds
// in at least 19 of 20 cases; where `failure` is not empty there is no time.
struct timing {
  std::string family, tile, kernel;
  double median = 0, low = 0, high = 0;
  int runs = 0;
  std::string failure;
  bool chosen = false;  // plans take it from now on
  bool behind =
      false;  // not of all the rounds that decide, in which the clock may have been another: after those that are
  bool baseline = false;  // none of ours, and never taken
  double expected = 0;    // by the cost model; 0 where there is none

  // Not to be told apart: within 1 %, or within the noise.
  bool ties_with(const timing& other) const {
    const timing &fast = median < other.median ? *this : other, &slow = median < other.median ? other : *this;
    return slow.median <= 1.01 * fast.median || slow.low <= fast.high;
  }
};

struct tuning_wish {
  double budget_ms = 0;
  bool baselines = false;  // other libraries' kernels are timed, too
  bool all = false;        // configurations, not the cheapest few alone
};

struct tuning_result {
  // All that were tried, in the order in which they are preferred; none where there is nothing to choose from.
  std::vector<timing> timings;
  std::string not_kept;  // why other processes will not find the times; empty where they will, or there are none
};

// Something that can run one problem; immutable and thread-safe.
class executable {
 public:
  virtual ~executable() = default;
  virtual size_t workspace_bytes() const = 0;
  virtual int launches() const = 0;
  virtual std::string family() const = 0;
  virtual std::string kernel_name() const = 0;
  virtual void workspace_init(void* workspace, void* stream) const = 0;
  virtual void run(const run_operands& operands, void* workspace, void* stream) const = 0;
  // Of a device with streams, where workspace_bytes() is not 0: memory that is ready for one run after what the stream
  // has by now, and its release after that run. For gemmact_linear. Throws STREAM_CAPTURING, OUT_OF_MEMORY.
  virtual void* take_workspace(void*) const { return nullptr; }
  virtual void give_back_workspace(void*, void*) const noexcept {}
};

// A device's own memory, as large as it was asked for. Copies follow every run on the default stream, and are complete
// when the call returns.
class device_memory {
 public:
  virtual ~device_memory() = default;
  virtual void* data() const = 0;
  virtual void upload(const void* from) = 0;
  virtual void download(void* to) const = 0;
};

class device {
 public:
  virtual ~device() = default;
  virtual std::string description() const = 0;
  virtual bool can_run() const = 0;
  // Whether runs are put on a stream that the caller gives; without, the stream must be null. gemmact_linear takes its
  // workspaces from host memory, and reuses them when run() has returned; with streams, from take_workspace().
  virtual bool has_streams() const { return false; }
  // Throws STREAM_CAPTURING where the stream is being captured, so that compile() is better not tried.
  virtual void refuse_capture(void*) const {}
  virtual int threads() const { return 0; }
  // For callers with host memory alone (the command): null where runs take host memory as it is.
  virtual std::unique_ptr<device_memory> make_memory(size_t) const { return nullptr; }
  // Until every run on the default stream is done.
  virtual void wait() const {}
  // Every family's answer, in order of preference.
  virtual std::vector<offer> offers(const problem& p) const = 0;
  // Throws failure with all refusals when no family takes the problem.
  virtual std::unique_ptr<executable> compile(const problem& p) const = 0;
  // Times the configurations that can run the problem on these operands, for about the budget, and remembers the times for
  // compile(); nothing is written to the operands' memory. Throws failure where none could be timed.
  virtual tuning_result tune(const problem&, const run_operands&, const tuning_wish&) const { return {}; }
};

}  // namespace gemmact::core

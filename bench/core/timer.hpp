// How long calls of an arm take: on the CPU by its clock, on a device by marks in its queue.
#pragma once
#include <functional>

namespace gemmact_bench {

double steady_seconds();

// Seconds a call, of so many calls. Where `wake_first` says so a call goes ahead that is not timed: it wakes threads or
// fills a queue. Nothing is under way when a timer returns.
using timer = std::function<double(const std::function<void()>& call, int calls, bool wake_first)>;

// By a clock in seconds, once every other thread of the process sleeps.
timer host_timer(std::function<double()> now = steady_seconds);

// A queue of a device, to which calls only add work.
class device_queue {
 public:
  virtual ~device_queue() = default;
  virtual void mark() = 0;                  // where the time begins
  virtual double seconds_since_mark() = 0;  // of the device, once it has done all that was added
  virtual void wait() = 0;
  // Collects what `work` adds, which is not done yet, and returns what adds all of it at once.
  virtual std::function<void()> collect(const std::function<void()>& work) = 0;
};

// Turns of at least `collected_from` calls are collected and added at once, so that the time between short kernels is not
// that of adding them; they are done once before they are timed.
timer queue_timer(device_queue& queue, int collected_from);

}  // namespace gemmact_bench

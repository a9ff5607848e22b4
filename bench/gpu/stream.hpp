// A stream of the device as the timer sees it: marks are events, what is collected is a graph.
#pragma once
#include "bench/core/timer.hpp"
#include "bench/gpu/cuda_error.hpp"

namespace gemmact_bench {

class stream final : public device_queue {
 public:
  stream();
  ~stream() override;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  // Called after all of a turn's work was added, while the device does it.
  std::function<void()> meanwhile;

  cudaStream_t get() const { return stream_; }
  void mark() override;
  double seconds_since_mark() override;
  void wait() override;
  std::function<void()> collect(const std::function<void()>& work) override;

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace gemmact_bench

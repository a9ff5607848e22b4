// A mark in the default stream, and the device's time between two of them.
#pragma once
#include "host/cuda/context.hpp"

namespace gemmact::cuda {

class event {
 public:
  explicit event(const context& context);  // throws
  ~event();
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  void record();  // behind what the stream has by now. Throws
  // The device has come to both: the stream has been waited for. Throws.
  double microseconds_since(const event& earlier) const;

 private:
  const context& context_;
  event_handle handle_ = nullptr;
};

}  // namespace gemmact::cuda

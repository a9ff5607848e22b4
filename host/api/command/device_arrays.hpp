// A run's arrays where the device wants them: the host's own, or copies in the device's memory.
#pragma once
#include <memory>
#include <vector>

#include "host/api/command/npy.hpp"
#include "host/core/device.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

class device_arrays {
 public:
  // `bindings` point into host memory, and `device` must outlive this. Throws core::failure when the device has no room.
  device_arrays(const core::device& device, size_t workspace_bytes, std::vector<gemmact_binding> bindings);
  device_arrays(const core::device&&, size_t, std::vector<gemmact_binding>) = delete;

  // The bindings to `host` become bindings to a copy of its bytes; one that is written is brought back by fetch().
  void add(const void* host, size_t bytes, bool written);
  void fetch();

  const std::vector<gemmact_binding>& bindings() const { return bindings_; }
  void* workspace() const { return workspace_copy_ ? workspace_copy_->data() : workspace_.data(); }

 private:
  struct copy {
    std::unique_ptr<core::device_memory> memory;
    void* host;
    bool written;
  };
  const core::device& device_;
  std::vector<gemmact_binding> bindings_;
  std::vector<copy> copies_;
  aligned_bytes workspace_;
  std::unique_ptr<core::device_memory> workspace_copy_;
};

}  // namespace gemmact::api

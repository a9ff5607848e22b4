// A kernel in a device's memory, ready to be launched.
#pragma once
#include <string>

#include "host/cuda/context.hpp"

namespace gemmact::cuda {

struct launch_shape {
  unsigned grid[3] = {1, 1, 1};
  unsigned threads = 0, shared_bytes = 0;  // a block
  unsigned cluster = 1;                    // blocks along x
  bool overlaps_previous = false;          // programmatic dependent launch
};

struct kernel_image {
  const std::string &name, &cubin;
  const std::string& compiler;  // for messages
};

// Immutable and thread-safe. Not to be destroyed while its launches, or graphs that hold them, may still run.
class loaded_kernel {
 public:
  // Loads a kernel, whose cubin is copied, and allows it `shared_bytes` of dynamic shared memory. Throws STREAM_CAPTURING
  // (where that can be seen, without spoiling the capture), OUT_OF_MEMORY, DEVICE_FAILED, DEVICE_FAULT.
  loaded_kernel(const context& context, const kernel_image& image, unsigned shared_bytes);
  ~loaded_kernel();
  loaded_kernel(const loaded_kernel&) = delete;
  loaded_kernel& operator=(const loaded_kernel&) = delete;

  const std::string& name() const { return name_; }

  // One launch, and nothing else but making the context current. `params` is the kernel's one argument. Throws.
  void launch(const launch_shape& shape, void* params, void* stream) const;

 private:
  void load(const kernel_image& image, unsigned shared_bytes);

  const context& context_;
  std::string name_;
  library_handle library_ = nullptr;
  function_handle function_ = nullptr;
};

}  // namespace gemmact::cuda

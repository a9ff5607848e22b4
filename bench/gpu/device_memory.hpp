// Memory of the device, aligned to 256 bytes.
#pragma once
#include <cstddef>
#include <memory>

#include "bench/gpu/cuda_error.hpp"

namespace gemmact_bench {

class device_memory {
 public:
  device_memory() = default;
  explicit device_memory(size_t bytes) : bytes_(bytes) {
    void* memory = nullptr;
    require_cuda(cudaMalloc(&memory, bytes == 0 ? 1 : bytes), "cudaMalloc");
    memory_ = std::shared_ptr<void>(memory, [](void* p) { cudaFree(p); });
  }
  device_memory(const void* from, size_t bytes) : device_memory(bytes) {
    require_cuda(cudaMemcpy(data(), from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
  }

  void* data() const { return memory_.get(); }
  void* at(size_t byte) const { return static_cast<char*>(data()) + byte; }
  size_t bytes() const { return bytes_; }
  const std::shared_ptr<void>& shared() const { return memory_; }

  // NaN in every type, in the stream's order.
  void poison(cudaStream_t on = nullptr) const {
    require_cuda(cudaMemsetAsync(data(), 0xff, bytes_, on), "cudaMemsetAsync");
  }
  void read(size_t byte, void* to, size_t bytes) const {
    require_cuda(cudaMemcpy(to, at(byte), bytes, cudaMemcpyDeviceToHost), "cudaMemcpy");
  }

 private:
  std::shared_ptr<void> memory_;
  size_t bytes_ = 0;
};

}  // namespace gemmact_bench

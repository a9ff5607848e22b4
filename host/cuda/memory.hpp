// Device memory that its owner fills from the host's and reads back: for callers that have host memory alone.
#pragma once
#include "host/core/device.hpp"
#include "host/cuda/context.hpp"

namespace gemmact::cuda {

class memory final : public core::device_memory {
 public:
  memory(const context& context, size_t bytes);  // throws OUT_OF_MEMORY
  ~memory() override;
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;

  void* data() const override { return data_; }
  size_t bytes() const { return bytes_; }
  void zero();  // in the default stream's order
  void upload(const void* from) override;
  void download(void* to) const override;

 private:
  const context& context_;
  const size_t bytes_;
  void* const data_;
};

}  // namespace gemmact::cuda

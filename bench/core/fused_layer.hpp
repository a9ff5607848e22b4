// A plan of the library and its memory, run through the C interface alone.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/core/data.hpp"
#include "gemmact/gemmact.h"

namespace gemmact_bench {

// A call of the library failed; the message has its words.
struct library_error : std::runtime_error {
  using runtime_error::runtime_error;
};
void require(gemmact_status status, const char* call);

class context {
 public:
  explicit context(const std::string& device);
  ~context() { gemmact_context_destroy(handle_); }
  context(const context&) = delete;
  context& operator=(const context&) = delete;
  gemmact_context* get() const { return handle_; }
  std::string description() const;
  int threads() const;

 private:
  gemmact_device_info info() const;
  gemmact_context* handle_ = nullptr;
};

gemmact_tensor matrix(uint32_t slot, gemmact_type type, uint32_t index = 0);
gemmact_tensor vector(uint32_t slot, gemmact_extent extent, gemmact_type type = GEMMACT_F32);

class fused_layer {
 public:
  // The problem's tensors are those given.
  fused_layer(const context& on, gemmact_problem problem, const std::vector<gemmact_tensor>& tensors);
  ~fused_layer() { gemmact_plan_destroy(plan_); }
  fused_layer(const fused_layer&) = delete;
  fused_layer& operator=(const fused_layer&) = delete;

  // Tensor `number` of those given is at `data` from now on.
  void bind(size_t number, const void* data) { bindings_[number].data = const_cast<void*>(data); }
  void run();
  std::string kernel() const;

 private:
  gemmact_plan* plan_ = nullptr;
  std::vector<gemmact_binding> bindings_;
  gemmact_operands operands_{};
  buffer workspace_;
};

}  // namespace gemmact_bench

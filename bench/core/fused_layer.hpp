// A plan of the library and its memory, run through the C interface alone.
#pragma once
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/core/data.hpp"
#include "gemmact/gemmact.h"

namespace gemmact_bench {

// A call of the library failed; the message has its words.
struct library_error : std::runtime_error {
  library_error(gemmact_status what, const std::string& words) : runtime_error(words), status(what) {}
  const gemmact_status status;
};
void require(gemmact_status status, const char* call);

class context {
 public:
  explicit context(const std::string& device);
  ~context() { gemmact_context_destroy(handle_); }
  context(const context&) = delete;
  context& operator=(const context&) = delete;
  gemmact_context* get() const { return handle_; }
  const std::string& device() const { return device_; }  // as it was named
  std::string description() const;
  int threads() const;

 private:
  gemmact_device_info info() const;
  const std::string device_;
  gemmact_context* handle_ = nullptr;
};

gemmact_tensor matrix(uint32_t slot, gemmact_type type, uint32_t index = 0);
gemmact_tensor vector(uint32_t slot, gemmact_extent extent, gemmact_type type = GEMMACT_F32);

// Where a layer's workspace lies, aligned to 256 bytes, and the stream that it runs on.
struct layer_place {
  std::function<std::shared_ptr<void>(size_t bytes)> allocate;
  void* stream = nullptr;
};
layer_place on_host();

class fused_layer {
 public:
  // The problem's tensors are those given.
  fused_layer(const context& on, gemmact_problem problem, const std::vector<gemmact_tensor>& tensors,
              const layer_place& place = on_host());
  ~fused_layer() { gemmact_plan_destroy(plan_); }
  fused_layer(const fused_layer&) = delete;
  fused_layer& operator=(const fused_layer&) = delete;

  // Tensor `number` of those given is at `data` from now on.
  void bind(size_t number, const void* data) { bindings_[number].data = const_cast<void*>(data); }
  void run();
  std::string kernel() const { return info().kernel; }
  std::string family() const { return info().family; }

 private:
  gemmact_plan_info info() const;

  gemmact_plan* plan_ = nullptr;
  std::vector<gemmact_binding> bindings_;
  gemmact_operands operands_{};
  std::shared_ptr<void> workspace_;
  void* stream_;
};

}  // namespace gemmact_bench

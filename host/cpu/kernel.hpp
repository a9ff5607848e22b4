// What the CPU device's four operations share: one checked problem, its threads and instruction set.
#pragma once
#include <memory>
#include <string>

#include "host/core/device.hpp"
#include "host/cpu/access.hpp"
#include "host/cpu/block_product.hpp"
#include "host/cpu/thread_pool.hpp"

namespace gemmact::cpu {

struct machine {
  const gemmact_isa::isa* isa;
  thread_pool* pool;
};

class kernel : public core::executable {
 public:
  kernel(const core::problem& p, machine m) : problem_(p), machine_(m) {}
  size_t workspace_bytes() const override { return size_t(carve(nullptr)); }
  int launches() const override { return 1; }
  std::string family() const override { return "cpu"; }
  std::string kernel_name() const override;
  void workspace_init(void*, void*) const override {}
  void run(const core::run_operands& operands, void* workspace, void* stream) const override;

 protected:
  // Lays the workspace out from `base` (null: only measures) for the plan's largest m and returns its size in bytes.
  virtual int64_t carve(void* base) const = 0;
  virtual void execute(const run_view& run, void* workspace) const = 0;

  int threads() const { return machine_.pool->size(); }
  // Whether so much work is worth waking threads for: multiply-adds, and elements passed through an activation
  // (doubles: their product may be beyond any integer).
  static bool worth_threads(double multiply_adds, double elements) { return multiply_adds + 16 * elements > 300'000; }

  const core::problem problem_;
  const machine machine_;
};

// Each throws core::failure for what its operation cannot do.
std::unique_ptr<kernel> make_forward(const core::problem& p, machine m);
std::unique_ptr<kernel> make_activation_grad(const core::problem& p, machine m);
std::unique_ptr<kernel> make_input_grad(const core::problem& p, machine m);
std::unique_ptr<kernel> make_weight_grad(const core::problem& p, machine m);

}  // namespace gemmact::cpu

// A device with memory for the tensors of a network: the CPU, or a GPU by its driver, loaded when one is asked for.
#pragma once
#include <cstdint>
#include <gemmact/gemmact.hpp>
#include <memory>
#include <string>

namespace examples {

class device {
 public:
  // "cpu", "cuda:0" ... Throws gemmact::error where there is none, std::runtime_error where its driver fails.
  explicit device(const std::string& name);

  const gemmact::context& context() const { return context_; }
  std::string description() const { return context_.info().description; }

  // A multiple of 256 bytes, all zero, that begins at a multiple of 256; free when the last owner is gone.
  std::shared_ptr<void> allocate(size_t bytes) const;
  // In the order of what runs there; done when they return.
  void write(void* to, const void* from, size_t bytes) const;
  void read(void* to, const void* from, size_t bytes) const;

 private:
  class driver;
  gemmact::context context_;
  std::shared_ptr<const driver> driver_;  // null on the CPU
};

// A plan with memory bound to it: what a step of training repeats.
class bound_plan {
 public:
  bound_plan(const device& where, const gemmact::problem& layer, gemmact::operands memory);
  // m is this run's, of a plan for GEMMACT_VARIABLE_M.
  void run(int64_t m = 0);

 private:
  gemmact::plan plan_;
  gemmact::operands memory_;
  size_t workspace_bytes_;
  std::shared_ptr<void> workspace_;
};

}  // namespace examples

// A device with memory for the tensors of a network: the CPU, or a GPU by its driver, loaded when one is asked for.
#pragma once
#include <cstdint>
#include <gemmact/gemmact.hpp>
#include <memory>
#include <span>
#include <string>
#include <vector>

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

// `count` numbers on a device.
template <class Number>
struct device_array {
  device_array() = default;
  device_array(const device& where, int64_t length)
      : count(size_t(length)), memory(where.allocate(count * sizeof(Number))) {}

  void* data() const { return memory.get(); }
  void write(const device& where, std::span<const Number> values) const {
    where.write(memory.get(), values.data(), values.size_bytes());
  }
  void read(const device& where, std::span<Number> values) const {
    where.read(values.data(), memory.get(), values.size_bytes());
  }

  size_t count = 0;
  std::shared_ptr<void> memory;
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

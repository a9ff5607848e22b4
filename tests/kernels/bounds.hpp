// How far a function's f32 results may lie from the double-precision reference (docs/numerics.md), and the measurement of
// how far they do.
#pragma once
#include <functional>
#include <span>
#include <string>

#include "tests/kernels/functions.hpp"

namespace gemmact::test {

enum class quantity { value, other, grad, grad_from_output, grad_from_bit, param_grad };
const char* quantity_name(quantity q);

// One thing to measure: which result of which function, and its bound. `param`: the parameter of a param_grad.
struct subject {
  setting use;
  quantity what = quantity::value;
  int param = 0;

  bool exists() const;
  // Whether the reference has an answer: one whose derivative is taken by differences has none at infinities, NaN and jumps.
  bool comparable(double x) const;
  double expected(double x) const;
  // Largest allowed |result - expected|, where `expected` is that at x.
  double allowed(double x, double expected, accuracy mode) const;
  std::string text() const;  // "the derivative of swish(beta=1.5)"
};

// What there is to measure with these parameter values: values, derivatives at x and those of trainable parameters.
std::vector<subject> subjects(const setting& s);

struct measurement {
  double ratio = 0;         // largest error / allowed
  double normal_ratio = 0;  // the same, where the expected value is a normal number (below, rounding is all there is)
  float at = 0, got = 0;
  double expected = 0;

  void add(float x, float result, double expected, double allowed);
  std::string text() const;
};

// results[i] for inputs[i]: a loop of the CPU device, or a deliberately wrong one.
using loop = std::function<void(const float* in, float* out, size_t count)>;

struct candidate {
  loop run;
  accuracy mode;
  bool on_gpu = false;  // then its traits' device_tolerance is granted on top
  measurement seen = {};
};

// Runs every candidate over the inputs, comparing with the subject's reference.
void measure(const subject& s, std::span<const float> inputs, std::span<candidate> candidates);

// The CPU device's loop for a subject on an instruction set available here (by place in cpu::available_isas()).
loop device_loop(const subject& s, size_t isa, accuracy mode, bool each);

// Figures in documents are those of arithmetic with fma: the place of an instruction set that has it, or -1.
int isa_with_fma();

}  // namespace gemmact::test

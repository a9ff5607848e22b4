// What math_device_test has a GPU do; gpu_runs.cu, compiled by nvcc, does it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/base/config.hpp"
#include "tests/kernels/bounds.hpp"

namespace gemmact::test {

// The current device's name; empty where there is none.
std::string gpu_name();

// A quantity of a function of the catalogue, by its place there.
void run_on_gpu(const subject& s, accuracy mode, const float* in, float* out, size_t count);

enum class instruction { ex2, lg2, rcp, rsqrt, sqrt, sin, cos, tanh };
inline constexpr int instruction_count = 8;
const char* instruction_name(instruction which);

struct sweep_result {
  double worst = 0;       // largest error, as a share of the documented one
  uint32_t worst_at = 0;  // its operand's bits
  uint64_t operands = 0;  // looked at
  uint64_t wrong = 0;  // special values, and results beyond +-1 of tanh, sin and cos, that are not as emulated.hpp says
  uint32_t wrong_at = 0;        // one of their operands
  uint64_t correct_powers = 0;  // of 2, whose result is correctly rounded
};

// An instruction at every `stride`-th of all 2^32 operands.
sweep_result sweep(instruction which, uint32_t stride);

}  // namespace gemmact::test

// The kernels that gemm_sm80 names for a layer, compiled as a plan would.
#pragma once
#include <string>
#include <vector>

#include "kernels/families/gemm_sm80/family.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/cubin.hpp"

namespace gemmact::test {

// A bf16 layer of m = n = k = `size` with a bias, f32 per column.
sample_layer bf16_layer(const char* activation, int64_t size = 256, uint32_t align_bytes = 16);

// The same of other sizes; rows begin at multiples of 16 bytes, whatever n and k are.
sample_layer sized_layer(int64_t m, int64_t n, int64_t k, const char* activation);

// Every step of the epilogue at once, and a parameter from a tensor.
void ask_for_every_step(sample_layer& layer);

families::layer layer_of(sample_layer& given);

// For the described GPU of an architecture; in the order of configs.inc.
std::vector<families::candidate> candidates_of(sample_layer& given, int architecture);

struct wanted_unit {
  families::candidate candidate;
  std::string architecture;  // "sm_90"
  std::string error;         // why it did not compile; "" when it did
  std::string image;         // the cubin
  uint32_t registers = 0;
  double seconds = 0;  // of processor time

  std::string text() const { return candidate.kernel + " for " + architecture; }
  opcode_counts counts() const { return cubin(image).count(candidate.kernel); }
};

// Fills in what the compiler makes of each, in two threads. False, with the reason printed, where there is no compiler.
bool compile_all(std::vector<wanted_unit>& units);

}  // namespace gemmact::test

// The kernels that gemm_sm80 names for a layer, compiled as a plan would.
#pragma once
#include <functional>
#include <limits>
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

wanted_unit unit_for(const families::candidate& c, int architecture);

// Fills in what the compiler makes of each, in two threads, and says how long that took; none may take longer than
// `most_seconds`. False, with the reason printed, where there is no compiler.
bool compile_all(std::vector<wanted_unit>& units, double most_seconds);

inline constexpr double any_time = std::numeric_limits<double>::infinity();

// The same of what has a unit, of any type; nothing where there is no compiler, or nothing was given.
template <class Planned>
std::vector<Planned> compiled(std::vector<Planned> all, double most_seconds) {
  std::vector<wanted_unit> units;
  for (const Planned& p : all) units.push_back(p.unit);
  if (!compile_all(units, most_seconds)) return {};
  for (size_t i = 0; i < all.size(); ++i) all[i].unit = units[i];
  return all;
}
inline constexpr const char* why_nothing_compiled = "NVRTC is not on this machine, or no unit is in this share";

// Expects that it compiled - warnings, spills, stack frames and ptxas' messages of slow code are errors - to code that neither
// calls nor touches local memory. True if there is code to look at.
bool is_clean(const wanted_unit& unit);

// How many failures a check reports.
int failures_of(const std::function<void()>& check);

}  // namespace gemmact::test

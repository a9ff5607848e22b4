// What the compilers make of gemm_sm80 and gemm_simt where there is more than one product, or a gradient: nothing spilled, no
// call, no local memory, and as many products of tensor cores as the tile has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gemm_simt/family.hpp"
#include "tests/host/families/product_layers.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr double most_seconds =
    3.5;  // from text to cubin: 2 is the aim for several products, and a busy machine takes longer

struct planned {
  wanted_unit unit;
  int hmma = 0;  // 0: of gemm_simt
};

int products_a_stage(const families::gemm_sm80::config& c) {
  return int(c.warp_m() / 16 * (c.warp_n() / 8) * (c.span_bytes / 32));
}

std::vector<planned> plans_of(sample_layer layer, int architecture) {
  const families::layer l = layer_of(layer);
  const families::gpu gpu = plan::gpu_of_architecture(architecture);
  const std::string name = fmt::format("sm_{}", architecture);
  std::vector<planned> all;
  EXPECT_EQ(families::gemm_sm80::supports(l, gpu), "");
  for (const families::candidate& c : families::gemm_sm80::candidates(l, gpu))
    all.push_back({{c, name, "", "", 0, 0}, products_a_stage(families::gemm_sm80::config_of(l, c))});
  EXPECT_EQ(families::gemm_simt::supports(l, gpu), "");
  for (const families::candidate& c : families::gemm_simt::candidates(l, gpu))
    all.push_back({{c, name, "", "", 0, 0}, 0});
  return all;
}

// Each layer in some of the tiles in turn; in a full test, in all of them, on each architecture.
TEST(products_code, of_every_layer) {
  std::vector<planned> plans;
  std::vector<wanted_unit> units;
  uint64_t number = 0;
  const std::vector<product_layer>& layers = product_layers();
  for (size_t at = 0; at < layers.size(); ++at)
    for (const int architecture : {80, 89, 90}) {
      const std::vector<planned> all = plans_of(layers[at].make(), architecture);
      ASSERT_GE(all.size(), 4u) << layers[at].name;
      for (size_t i = 0; i < all.size(); ++i) {
        const bool usual = architecture == (at % 2 == 0 ? 80 : 90) && (i + at) % 5 == 0;
        if ((!usual && case_count(1) == 1) || !case_selected(number++)) continue;
        plans.push_back(all[i]), units.push_back(all[i].unit);
      }
    }
  if (!compile_all(units)) GTEST_SKIP() << "NVRTC is not on this machine";
  double sum = 0, longest = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    SCOPED_TRACE(units[i].text());
    sum += units[i].seconds, longest = std::max(longest, units[i].seconds);
    EXPECT_EQ(units[i].error, "");
    if (!units[i].error.empty()) continue;
    const opcode_counts seen = units[i].counts();
    EXPECT_EQ(seen[opcode::hmma], plans[i].hmma);
    EXPECT_EQ(seen.local_memory(), 0);
    EXPECT_EQ(cubin(units[i].image).calls(units[i].candidate.kernel), 0);
  }
  fmt::print("{} units: {:.1f} s of processor time, {:.2f} the longest\n", units.size(), sum, longest);
  EXPECT_LE(longest, most_seconds);
}

}  // namespace
}  // namespace gemmact::test

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
  uint32_t held;  // registers of a thread, about: its sums, and what is on its way to it
  int hmma = 0;   // 0: of gemm_simt
};

namespace sm80 = families::gemm_sm80;
namespace simt = families::gemm_simt;

int products_a_stage(const sm80::config& c) { return int(c.warp_m() / 16 * (c.warp_n() / 8) * (c.span_bytes / 32)); }

std::vector<planned> gemm_sm80_plans(const families::layer& l, const families::gpu& gpu) {
  std::vector<planned> all;
  for (int row = 0; row < int(std::size(sm80::configs)); ++row)
    for (const int splits : {1, 2}) {
      const sm80::config c = sm80::config_of(l, row, splits);
      if (!sm80::fits(l, gpu, c) || (splits > 1 && c.parts > 1)) continue;
      all.push_back({unit_for(sm80::candidate_of(l, gpu, row, splits), gpu.architecture), c.warp_m() * c.warp_n() / 32,
                     products_a_stage(c)});
    }
  return all;
}

std::vector<planned> gemm_simt_plans(const families::layer& l, const families::gpu& gpu) {
  std::vector<planned> all;
  for (int row = 0; row < int(std::size(simt::configs)); ++row)
    for (const int splits : {1, 2}) {
      const simt::config c = simt::config_of(l, row, splits);
      if (!simt::fits(l, gpu, c) || (splits > 1 && c.parts > 1)) continue;
      const uint32_t copied = (c.block_m + c.block_n) * c.depth / c.threads() / (c.piece == 8 ? 2 : 1);
      all.push_back(
          {unit_for(simt::candidate_of(l, gpu, row, splits), gpu.architecture), c.warp_m() * c.parts + copied, 0});
    }
  return all;
}

// Each layer in few tiles of either family; in a full test, in all of them, on each architecture.
TEST(products_code, of_every_layer) {
  std::vector<planned> plans;
  uint64_t number = 0;
  const std::vector<product_layer>& layers = product_layers();
  for (size_t at = 0; at < layers.size(); ++at)
    for (const int architecture : {80, 89, 90})
      for (const bool of_simt : {false, true}) {
        SCOPED_TRACE(layers[at].name);
        sample_layer given = layers[at].make();
        const families::layer l = layer_of(given);
        const families::gpu gpu = plan::gpu_of_architecture(architecture);
        const std::vector<planned> all = of_simt ? gemm_simt_plans(l, gpu) : gemm_sm80_plans(l, gpu);
        if (!of_simt && !families::refuse_rounding(l).empty()) continue;  // strict f32 is gemm_simt's
        ASSERT_FALSE(all.empty());
        std::vector<uint32_t> held;
        for (const planned& p : all) held.push_back(p.held);
        const std::vector<size_t> usual = usual_kernels(held, at);
        for (size_t i = 0; i < all.size(); ++i) {
          const bool is_usual = architecture == ((at % 2 == 0) != of_simt ? 80 : 90) &&
                                std::find(usual.begin(), usual.end(), i) != usual.end();
          if ((is_usual || case_count(1) > 1) && case_selected(number++)) plans.push_back(all[i]);
        }
      }
  const std::vector<planned> done = compiled(plans, most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  for (const planned& p : done) {
    SCOPED_TRACE(p.unit.text());
    if (!is_clean(p.unit)) continue;
    EXPECT_EQ(p.unit.counts()[opcode::hmma], p.hmma);
  }
}

}  // namespace
}  // namespace gemmact::test

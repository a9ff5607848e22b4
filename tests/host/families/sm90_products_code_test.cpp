// What the compiler makes of gemm_sm90 where there is more than one product, or a gradient: nothing spilled, no wgmma that waits
// for the one before it, and as many as the tile has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/host/families/product_layers.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gemm_sm90;
using family::config;

// From text to cubin: 2 is the aim for several products; a pair below in 256 x 128 takes 3, and a busy machine longer.
constexpr double most_seconds = 4.5;

struct planned {
  wanted_unit unit;
  config tile;
  int special = -1;  // instructions an element, of forward's functions
};

std::vector<planned> plans_of(sample_layer given) {
  const families::layer l = layer_of(given);
  const families::gpu hopper = plan::gpu_of_architecture(90);
  const int special = l.what == families::operation::forward ? l.activation.special_functions : -1;
  std::vector<planned> all;
  for (int row = 0; row < int(std::size(family::configs)); ++row)
    for (const int splits : {1, 2}) {
      const config tile = family::config_of(l, row, splits);
      if (!tile.curved && family::fits(l, hopper, tile))
        all.push_back({unit_for(family::candidate_of(l, hopper, row, splits), 90), tile, special});
    }
  return all;
}

void check_code(const planned& p) {
  SCOPED_TRACE(p.unit.text());
  if (!is_clean(p.unit)) return;
  const opcode_counts seen = cubin(p.unit.image).count(p.unit.candidate.kernel);
  const config& c = p.tile;
  const int sums = int(c.consumer_rows() * c.width() / config::consumer_threads);
  const int a_stage = int(c.consumer_rows() / 64 * (c.span / 32)), products = seen[opcode::hgmma];
  EXPECT_EQ(products % a_stage, 0) << products;
  EXPECT_GE(products, c.sums_a == 0 ? a_stage : c.splits ? 2 * a_stage : 3 * a_stage);
  EXPECT_LE(products, (c.sums_a == 0 ? 3 : 9) * a_stage);
  const int staged = int(c.staged) + int(c.kept_matrices());
  EXPECT_EQ(seen[opcode::stsm], sums / 8 * staged);
  EXPECT_EQ(seen[opcode::ldsm], c.reads ? sums / 8 * (1 + int(c.reads_pair)) : 0);
  // Divisions of the order of tiles take some, too.
  const int elsewhere = seen[opcode::mufu] - sums * p.special;
  EXPECT_TRUE(p.special < 0 || (elsewhere >= 0 && elsewhere < sums)) << elsewhere;
}

// Each layer in few of the tiles; in a full test, in all of them.
TEST(gemm_sm90_products_code, of_every_layer) {
  std::vector<planned> plans;
  uint64_t number = 0;
  const std::vector<product_layer>& layers = product_layers();
  for (size_t at = 0; at < layers.size(); ++at) {
    sample_layer given = layers[at].make();
    if (!family::supports(layer_of(given), plan::gpu_of_architecture(90)).empty()) {
      EXPECT_EQ(given.problem.combine, GEMMACT_MAXOUT) << layers[at].name;  // backward, or of more than 6
      continue;
    }
    const std::vector<planned> all = plans_of(given);
    ASSERT_GE(all.size(), 1u) << layers[at].name;
    std::vector<uint32_t> sums;
    for (const planned& p : all) sums.push_back(p.tile.consumer_rows() * p.tile.block_n / config::consumer_threads);
    const std::vector<size_t> usual = usual_kernels(sums, at);
    for (size_t i = 0; i < all.size(); ++i) {
      const bool is_usual = std::find(usual.begin(), usual.end(), i) != usual.end();
      if ((is_usual || case_count(1) > 1) && case_selected(number++)) plans.push_back(all[i]);
    }
  }
  const std::vector<planned> done = compiled(plans, most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  for (const planned& p : done) check_code(p);
}

// What it does not compute has a reason, and what it takes has a tile.
TEST(gemm_sm90_products, are_refused_with_a_reason) {
  const families::gpu hopper = plan::gpu_of_architecture(90);
  const auto reason_of = [&](const char* name, gemmact_type factors = GEMMACT_BF16) {
    for (const product_layer& layer : product_layers()) {
      if (std::string(layer.name) != name) continue;
      sample_layer given = layer.make();
      if (factors == GEMMACT_F32) {
        given.problem.compute = GEMMACT_COMPUTE_TF32;
        for (const uint32_t slot : {GEMMACT_X, GEMMACT_DZ})
          given.at(slot).type = GEMMACT_F32, given.at(slot).order = GEMMACT_COLUMN_MAJOR;
      }
      return family::supports(layer_of(given), hopper);
    }
    return std::string("no such layer");
  };
  EXPECT_NE(reason_of("input_grad of a maxout").find("would have to be masked"), std::string::npos);
  EXPECT_NE(reason_of("maxout of 8").find("8 products can share"), std::string::npos);
  EXPECT_NE(reason_of("weight_grad with db", GEMMACT_F32).find("elements of 16 bits as they are"), std::string::npos);
  EXPECT_EQ(reason_of("weight_grad", GEMMACT_F32), "");
  for (const product_layer& layer : product_layers()) {
    sample_layer given = layer.make();
    const families::layer l = layer_of(given);
    if (family::supports(l, hopper).empty()) {
      EXPECT_FALSE(family::candidates(l, hopper).empty()) << layer.name;
    }
  }
}

}  // namespace
}  // namespace gemmact::test

// What the cost models say of backward operations: of sums over long m, of a long m that is split, and of what is read again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <span>

#include "host/plan/functions.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_family.hpp"
#include "tests/host/families/units.hpp"

namespace gemmact::test {
namespace {

using families::candidate, families::gpu;

sample_layer in_bf16(sample_layer l, int64_t m, int64_t n, int64_t k) {
  l.problem.m = m, l.problem.n = n, l.problem.k = k;
  for (gemmact_tensor& t : l.tensors) {
    if (t.type != GEMMACT_BIT && t.type != GEMMACT_U8) t.type = GEMMACT_BF16;
    if (t.extent == GEMMACT_EACH) t.align_bytes = 16;
  }
  return l;
}

// The cheapest of the families given, or of all.
candidate cheapest(sample_layer given, const gpu& g, std::span<const plan::gpu_family> of = plan::gpu_families()) {
  const plan::gpu_choice choice(of, g, core::check_problem(given.link(), plan::functions()));
  return *choice.picks({}).at(0).candidate;
}

sample_layer with_db(sample_layer l) { return l.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN); }

// Sums over very many rows come together beside the products of later rows: none of it is left for the end but some levels.
TEST(gradient_cost, of_sums_over_many_rows_is_small_in_each_family) {
  int seen = 0;
  for (const plan::gpu_family& family : plan::gpu_families())
    for (const plan::described_gpu& described : plan::described_gpus())
      for (const int64_t m : {int64_t{1} << 17, int64_t{1} << 20}) {
        sample_layer without = in_bf16(below_layer(), m, 1024, 1024), with = with_db(without);
        if (!family.supports(layer_of(with), described.facts).empty()) continue;
        SCOPED_TRACE(fmt::format("{} on {}, m = {}", family.name, described.name, m));
        const double bare = cheapest(without, described.facts, {&family, 1}).cost.total,
                     summed = cheapest(with, described.facts, {&family, 1}).cost.total;
        EXPECT_GT(summed, bare);
        EXPECT_LT(summed, 1.05 * bare);
        fmt::print("{} on {}, m = {}: {:.4g} us for {:.4g}\n", family.name, described.name, m, summed, bare);
        ++seen;
      }
  EXPECT_GE(seen, 12);
}

// Each configuration's, whose tiles have 256 rows at most.
TEST(gradient_cost, has_the_sums_of_each_configuration) {
  const gpu g = plan::gpu_of_architecture(90);
  int compared = 0;
  for (const plan::gpu_family& family : plan::gpu_families()) {
    const auto costs = [&](sample_layer given) {
      std::map<std::pair<int, int>, double> all;
      if (!family.supports(layer_of(given), g).empty()) return all;
      for (const candidate& c : family.candidates(layer_of(given), g)) all[{c.config, c.splits}] = c.cost.total;
      return all;
    };
    for (const auto& [m, levels] : {std::pair(2 * 256, 1), std::pair(33 * 256, 2), std::pair(1025 * 256, 3)}) {
      sample_layer bare = in_bf16(below_layer("prelu", GEMMACT_BF16), m, 1024, 1024);
      bare.problem.keep_below = GEMMACT_KEEP_Z;
      sample_layer of_all = bare;
      of_all.add(GEMMACT_BELOW | GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR);
      const auto without = costs(bare), by_columns = costs(with_db(bare)), of_one = costs(of_all);
      for (const auto& [which, cost] : without) {
        const auto columns = by_columns.find(which), one = of_one.find(which);
        if (columns == by_columns.end() || one == of_one.end()) continue;
        EXPECT_GE(columns->second - cost, families::gather_us * levels * 0.999) << family.name << " " << m;
        EXPECT_GE(one->second - cost, families::gather_us * (levels + 1) * 0.999) << family.name << " " << m;
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 60);
}

TEST(gradient_cost, of_a_small_dw_of_long_m_is_that_of_reading) {
  for (const char* name : {"a100", "h100"})
    for (const plan::described_gpu& described : plan::described_gpus()) {
      if (described.name != std::string_view(name)) continue;
      const candidate best = cheapest(in_bf16(weight_grad_layer(), 1 << 20, 128, 128), described.facts);
      EXPECT_GE(best.cost.memory, 0.8 * best.cost.total) << name << ": " << best.kernel << " " << best.tile;
      EXPECT_GT(best.splits, 16);
      fmt::print("{}: {} {}, {}\n", name, best.kernel, best.tile, best.cost.words());
    }
}

// More blocks that share a tile are more sums for the last one to add.
TEST(gradient_cost, of_splits_grows_with_them) {
  const gpu g = plan::gpu_of_architecture(90);
  const auto us = [&](int splits, double sums) { return families::gathering_us(g, splits, sums); };
  EXPECT_EQ(us(1, 128 * 256), 0);
  EXPECT_EQ(us(2, 16 * 64), families::gather_us + 2 * families::cached_read_us);
  EXPECT_DOUBLE_EQ(us(132, 16 * 64) - us(32, 16 * 64), 100 * families::cached_read_us);
  const double read_us = 128 * 256 * 4 / families::most_bytes_per_clock / g.clock_ghz / 1000;
  EXPECT_GT(read_us, 4 * families::cached_read_us);
  EXPECT_DOUBLE_EQ(us(16, 128 * 256), families::gather_us + 16 * read_us);
}

// Of which a second-level cache of a byte holds nothing, and one that holds all is read once.
double read_again(sample_layer given) {
  gpu g = plan::gpu_of_architecture(90);
  const families::layer l = layer_of(given);
  g.l2_bytes = 1;
  const double most = families::dram_bytes(l, g);
  g.l2_bytes = int64_t{1} << 50;
  return most - families::dram_bytes(l, g);
}

sample_layer of_pieces(sample_layer l, uint32_t slot, uint32_t pieces) {
  l.problem.combine = GEMMACT_MAXOUT, l.problem.pieces = pieces;
  l.drop(GEMMACT_DZ);
  l.add(GEMMACT_DY).add(GEMMACT_KEPT, GEMMACT_U8);
  for (uint32_t i = 1; i < pieces; ++i) l.add(slot, GEMMACT_F32, GEMMACT_EACH, i);
  return l;
}

TEST(gradient_cost, has_what_several_products_read_again) {
  constexpr double m = 4096, n = 3072, k = 2048, groups = 4;  // of 1024 rows of m
  const auto sized = [&](const sample_layer& l) { return in_bf16(l, int64_t(m), int64_t(n), int64_t(k)); };
  EXPECT_EQ(read_again(sized(input_grad_layer())), (groups - 1) * n * k * 2);
  sample_layer pair = input_grad_layer();
  pair.problem.combine = GEMMACT_GATED;
  pair.add(GEMMACT_DZ, GEMMACT_F32, GEMMACT_EACH, 1).add(GEMMACT_W, GEMMACT_F32, GEMMACT_EACH, 1);
  EXPECT_EQ(read_again(sized(pair)), (groups - 1) * 2 * n * k * 2);
  EXPECT_EQ(read_again(sized(of_pieces(input_grad_layer(), GEMMACT_W, 8))), (groups - 1) * 8 * n * k * 2);

  constexpr double groups_of_n = 3, x = m * k * 2, dy = m * n * (2 + 1);  // and its winners
  EXPECT_EQ(read_again(sized(weight_grad_layer())), (groups_of_n - 1) * x);
  sample_layer two = weight_grad_layer();  // dZ is each product's own
  two.problem.combine = GEMMACT_GATED;
  two.add(GEMMACT_DZ, GEMMACT_F32, GEMMACT_EACH, 1).add(GEMMACT_DW, GEMMACT_F32, GEMMACT_EACH, 1);
  EXPECT_EQ(read_again(sized(two)), (2 * groups_of_n - 1) * x);
  EXPECT_EQ(read_again(sized(of_pieces(weight_grad_layer(), GEMMACT_DW, 8))), (8 * groups_of_n - 1) * x + 7 * dy);
}

}  // namespace
}  // namespace gemmact::test

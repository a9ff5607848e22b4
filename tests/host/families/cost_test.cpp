// What the cost models of kernel families say: sane, growing with the work, and the same on every machine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "host/plan/functions.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_family.hpp"
#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/host/families/units.hpp"

namespace gemmact::test {
namespace {

using families::candidate, families::gpu, families::layer;

// Those of a family that takes the layer on the GPU, the cheapest first.
std::vector<candidate> ranked(const plan::gpu_family& family, const layer& l, const gpu& g) {
  return family.supports(l, g).empty() ? family.candidates(l, g) : std::vector<candidate>();
}

// `visit(family, GPU)`, for all that can meet.
void each_family(const std::function<void(const plan::gpu_family&, const plan::described_gpu&)>& visit) {
  int met = 0;
  sample_layer small = bf16_layer("gelu");
  for (const plan::gpu_family& family : plan::gpu_families())
    for (const plan::described_gpu& described : plan::described_gpus()) {
      if (ranked(family, layer_of(small), described.facts).empty()) continue;
      SCOPED_TRACE(fmt::format("{} on {}", family.name, described.name));
      visit(family, described);
      ++met;
    }
  EXPECT_GE(met, 12);
}

constexpr int64_t sizes[] = {1,    16,   17,   64,   128,  129,  200,  256,  400,  513,   700,   1000,
                             1500, 2048, 2100, 3000, 4096, 5000, 7000, 8192, 9000, 16384, 20000, 40000};
constexpr int64_t others[][2] = {{64, 64}, {128, 4096}, {4096, 128}, {4096, 4096}, {1000, 3000}, {16384, 512}};

layer sized(int64_t m, int64_t n, int64_t k, const char* activation = "gelu") {
  sample_layer made = sized_layer(m, n, k, activation);
  return layer_of(made);
}

TEST(families_cost, is_positive_and_the_least_comes_first) {
  each_family([](const plan::gpu_family& family, const plan::described_gpu& described) {
    for (const auto& [a, b] : others) {
      const auto all = ranked(family, sized(777, a, b), described.facts);
      for (const candidate& c : all) {
        const families::estimate& e = c.cost;
        EXPECT_GE(e.total, all[0].cost.total) << c.kernel;
        EXPECT_GT(std::min({e.total, e.tensor, e.memory, e.special, e.epilogue, e.waves}), 0) << c.kernel;
        EXPECT_GE(e.total, std::max(e.tensor, e.memory)) << c.kernel;
        EXPECT_LE(int(c.shared_bytes), described.facts.shared_block_bytes) << c.kernel;
        EXPECT_GE(c.blocks_per_multiprocessor, 1) << c.kernel;
      }
    }
  });
}

// dW of 4096 x 4096 or of a batch's 1024 x 1024, in `type`.
sample_layer weight_grad_of(int64_t m, int64_t batch, gemmact_type type) {
  sample_layer l = weight_grad_layer();
  l.problem.m = m, l.problem.batch = batch, l.problem.n = l.problem.k = batch == 1 ? 4096 : 1024;
  for (gemmact_tensor& t : l.tensors) {
    t.type = t.slot == GEMMACT_DW ? type : GEMMACT_BF16;
    t.align_bytes = 16;
    if (t.slot != GEMMACT_DW && batch > 1) t.batch_stride = m * 1024;
  }
  return l;
}

families::candidate cheapest_on_h100(sample_layer given) {
  const plan::gpu_choice choice(plan::gpu_families(), plan::gpu_of_architecture(90),
                                core::check_problem(given.link(), plan::functions()));
  return *choice.picks({}).at(0).candidate;
}

// What DW is added to is read, ahead of time by TMA where it is of 16 bits: more than without, and not much more.
TEST(families_cost, adding_to_dw_is_a_read_more) {
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F32})
    for (const int64_t m : {512, 2048}) {
      sample_layer into = weight_grad_of(m, 1, type), onto = into;
      onto.problem.flags |= GEMMACT_ACCUMULATE_DW;
      const candidate first = cheapest_on_h100(into), second = cheapest_on_h100(onto);
      EXPECT_GT(second.cost.total, first.cost.total) << m;
      if (type == GEMMACT_F32) continue;
      EXPECT_LT(second.cost.total, 1.4 * first.cost.total) << m;
      EXPECT_EQ(second.header, "kernels/families/gemm_sm90/kernel.cuh") << m;
    }
}

// A batch whose dW is summed is a long m: what is written is written once, and its depth is split as that is.
TEST(families_cost, a_summed_batch_costs_what_a_long_m_does) {
  sample_layer batch = weight_grad_of(128, 64, GEMMACT_F32), one = weight_grad_of(8192, 1, GEMMACT_F32);
  one.problem.n = one.problem.k = 1024;
  const candidate summed = cheapest_on_h100(batch), rows = cheapest_on_h100(one);
  EXPECT_NEAR(summed.cost.memory, rows.cost.memory, 0.2 * rows.cost.memory);
  EXPECT_LT(summed.cost.total, 1.3 * rows.cost.total);
}

// More work is never cheaper, whichever of m, n and k grows: not for a configuration, nor for the best of a family.
TEST(families_cost, grows_with_the_problem) {
  each_family([](const plan::gpu_family& family, const plan::described_gpu& described) {
    const bool simt = std::string_view(family.name) == "gemm_simt";  // loads lines of whole pieces in half the time
    for (const auto& [a, b] : others)
      for (int grows = 0; grows < 3; ++grows) {
        std::map<int, double> before;  // by configuration
        double least = 0;
        for (const int64_t size : sizes) {
          SCOPED_TRACE(fmt::format("{} {}, {} = {}", a, b, "mnk"[grows], size));
          const auto all = ranked(family,
                                  grows == 0   ? sized(size, a, b)
                                  : grows == 1 ? sized(a, size, b)
                                               : sized(a, b, simt ? (size + 7) / 8 * 8 : size),
                                  described.facts);
          EXPECT_GE(all[0].cost.total, least * 0.99);  // parts of k do not always come out even
          least = all[0].cost.total;
          for (const candidate& c : all) {
            if (c.splits > 1) continue;  // into how many parts depends on the size
            double& own = before[c.config];
            EXPECT_GE(c.cost.total, own * (1 - 1e-12)) << c.tile;
            own = c.cost.total;
          }
        }
      }
  });
}

// Of each configuration on its own, as what is cheapest may change.
void expect_dearer(const plan::gpu_family& family, const gpu& g, const layer& less, const layer& more) {
  std::map<std::pair<int, int>, double> before;
  for (const candidate& c : ranked(family, less, g)) before[{c.config, c.splits}] = c.cost.total;
  for (const candidate& c : ranked(family, more, g)) {
    const double same = before[{c.config, c.splits}];  // 0: it had none
    EXPECT_GE(c.cost.total, same * (1 - 1e-12)) << c.tile;
  }
  EXPECT_GE(ranked(family, more, g)[0].cost.total, ranked(family, less, g)[0].cost.total * (1 - 1e-12));
}

TEST(families_cost, grows_with_the_function_and_the_operands) {
  each_family([](const plan::gpu_family& family, const plan::described_gpu& described) {
    for (const auto& [a, b] : others) {
      layer less = sized(777, a, b);
      layer special = less, arithmetic = less;
      special.activation.special_functions += 2;
      arithmetic.activation.arithmetic += 10;
      expect_dearer(family, described.facts, less, special);
      expect_dearer(family, described.facts, less, arithmetic);
      sample_layer more = sized_layer(777, a, b, "gelu");
      more.add(GEMMACT_RESIDUAL, GEMMACT_BF16);
      expect_dearer(family, described.facts, less, layer_of(more));
      more.problem.keep = GEMMACT_KEEP_Z;
      more.add(GEMMACT_KEPT, GEMMACT_BF16);
      expect_dearer(family, described.facts, less, layer_of(more));
    }
  });
}

TEST(families_cost, of_smaller_copies_is_no_less) {
  for (const plan::gpu_family& family : plan::gpu_families()) {
    for (const plan::described_gpu& described : plan::described_gpus()) {
      double before = 0;
      for (const uint32_t align : {16u, 8u, 4u, 2u}) {
        sample_layer made = bf16_layer("gelu", 3000, align);
        made.at(GEMMACT_X).ld = made.at(GEMMACT_W).ld = 3000 + 8 + align / 2;
        if (!family.supports(layer_of(made), described.facts).empty()) continue;
        const double cost = ranked(family, layer_of(made), described.facts)[0].cost.total;
        EXPECT_GE(cost, before) << family.name << " " << align;
        before = cost;
      }
    }
  }
}

// The figures are published of a kernel of the same structure on an H100, 4096 cubed in bf16 (docs/performance.md).
TEST(families_cost, is_near_what_is_published) {
  const gpu h100 = plan::gpu_of_architecture(90);
  const double flop = 2.0 * 4096 * 4096 * 4096;
  std::map<std::string, double> published = {{"128x256x64x4", 704e6}, {"128x256x64x4c2", 734e6}};
  for (const candidate& c : families::gemm_sm90::candidates(sized(4096, 4096, 4096, "linear"), h100))
    if (const auto found = published.find(c.tile); found != published.end()) {
      EXPECT_NEAR(flop / c.cost.total / found->second, 1, 0.03) << c.tile;
      published.erase(found);
    }
  EXPECT_TRUE(published.empty());
}

// What the epilogue moves by TMA takes shared memory from the stages: a tile that has fewer for it multiplies no faster.
TEST(families_cost, grows_where_a_matrix_more_leaves_fewer_stages) {
  namespace family = families::gemm_sm90;
  const gpu h100 = plan::gpu_of_architecture(90);
  const auto product = [&](const layer& l, const candidate& c) {
    return family::product_clocks(h100, family::config_of(l, c), families::element::bf16, 64, 0, family::l2_share(132))
        .all();
  };
  std::vector<layer> layers;
  for (const bool keeps : {false, true})
    for (const bool adds : {false, true}) {
      sample_layer made = sized_layer(4096, 4096, 4096, "gelu");
      if (adds) made.add(GEMMACT_RESIDUAL, GEMMACT_BF16).at(GEMMACT_RESIDUAL).align_bytes = 16;
      if (keeps)
        made.problem.keep = GEMMACT_KEEP_Z, made.add(GEMMACT_KEPT, GEMMACT_BF16).at(GEMMACT_KEPT).align_bytes = 16;
      layers.push_back(layer_of(made));
    }
  int fewer = 0;
  for (const layer& more : layers)
    for (const candidate& c : family::candidates(more, h100)) {
      EXPECT_GE(family::config_of(more, c).stages, 3u) << c.tile << ": a copy has but one stage's time";
      for (const layer& less : layers) {
        const u32 stages = family::config_of(less, c).stages, left = family::config_of(more, c).stages;
        if (left >= stages) continue;
        EXPECT_GT(product(more, c), product(less, c)) << c.tile;
        ++fewer;
      }
    }
  EXPECT_GE(fewer, 4);
}

// In the fast mode functions have fewer instructions, and layers cost less; never more.
TEST(families_cost, is_of_the_mode_that_is_asked_for) {
  const auto layer_in = [](gemmact_accuracy mode, const char* function) {
    sample_layer made = sized_layer(4096, 4096, 1024, function);
    made.problem.accuracy = mode;
    return layer_of(made);
  };
  const auto least = [](const layer& l) {
    return families::gemm_sm90::candidates(l, plan::gpu_of_architecture(90)).at(0).cost.total;
  };
  for (const char* function : {"gelu", "gelu_tanh", "swish", "tanh", "softplus", "mish"})
    EXPECT_LT(least(layer_in(GEMMACT_FAST, function)), least(layer_in(GEMMACT_ACCURATE, function))) << function;
  EXPECT_EQ(least(layer_in(GEMMACT_FAST, "relu")), least(layer_in(GEMMACT_ACCURATE, "relu")));
}

// Schedules by shape and function, on an H100.
TEST(families_cost, prefers_the_schedule_that_suits) {
  struct row {
    int64_t m, n, k;
    const char *function, *tile;  // the beginning of its name
    bool pingpong;
  };
  const gpu h100 = plan::gpu_of_architecture(90);
  for (const row& r :
       {row{8192, 8192, 8192, "linear", "128x256x64x4", false}, row{8192, 8192, 8192, "gelu", "128x192x64x4p", true},
        row{4096, 4096, 4096, "relu", "128x256x64x4", false}, row{4096, 4096, 512, "gelu", "", true},
        row{8192, 8192, 512, "mish", "", true}}) {
    const candidate best = families::gemm_sm90::candidates(sized(r.m, r.n, r.k, r.function), h100).at(0);
    EXPECT_EQ(best.tile.substr(0, std::string_view(r.tile).size()), r.tile) << r.k << r.function;
    EXPECT_EQ(best.tile.find('p') != best.tile.npos, r.pingpong) << best.tile << " " << r.k << r.function;
  }
  EXPECT_GE(families::gemm_sm90::candidates(sized(1024, 1024, 1024), h100).at(0).cost.waves, 0.9);
}

// Pingpong hides epilogues behind products, but the last; where they take longer, products behind them.
TEST(families_cost, of_pingpong_is_that_of_its_turns) {
  families::gemm_sm90::config together{128, 128, 4, 1}, turns{128, 128, 4, 1, true};
  const layer l = sized(4096, 4096, 512);
  const gpu h100 = plan::gpu_of_architecture(90);
  families::gemm_sm90::unit_clocks unit(l, h100, turns, 8, 1, 40);
  using families::gemm_sm90::block_clocks;
  unit.product = 100, unit.epilogue = 40;
  EXPECT_EQ(block_clocks(together, 5, unit), 5 * 140);
  EXPECT_EQ(block_clocks(turns, 1, unit), 140);
  EXPECT_EQ(block_clocks(turns, 5, unit), 5 * 100 + 40);
  unit.product = 40, unit.epilogue = 100;
  EXPECT_EQ(block_clocks(turns, 1, unit), 140);
  EXPECT_EQ(block_clocks(turns, 2, unit), 40 + 140);
  EXPECT_EQ(block_clocks(turns, 3, unit), 2 * 140);
  EXPECT_EQ(block_clocks(turns, 4, unit), 40 + 2 * 140);
}

}  // namespace
}  // namespace gemmact::test

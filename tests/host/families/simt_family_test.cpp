// What gemm_simt takes: every plain forward layer that a size can be counted of; what it names its kernels, how wide it
// copies, and what it is estimated to cost beside gemm_sm80.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "host/plan/functions.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_layer.hpp"
#include "kernels/families/gemm_simt/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/layer/cases.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

namespace simt = families::gemm_simt;

families::gpu gpu_named(std::string_view name) {
  for (const plan::described_gpu& gpu : plan::described_gpus())
    if (gpu.name == name) return gpu.facts;
  throw std::logic_error("no such GPU is described");
}

TEST(gemm_simt_family, takes_every_plain_forward_layer_of_the_suites) {
  int taken = 0;
  for (uint64_t i = 0; i < exact_rows(GEMMACT_FORWARD).size(); ++i) {
    const layer l = make_case(GEMMACT_FORWARD, exact_rows(GEMMACT_FORWARD)[i], i);
    if (l.combine != GEMMACT_PLAIN) continue;
    const problem_view view(l);
    const families::layer asked = plan::gpu_layer(core::check_problem(&view.problem, plan::functions()));
    for (const plan::described_gpu& gpu : plan::described_gpus()) {
      EXPECT_EQ(simt::supports(asked, gpu.facts), "") << gpu.name << " " << l.text();
      const auto all = simt::candidates(asked, gpu.facts);
      const auto whole = std::count_if(all.begin(), all.end(), [](const auto& c) { return c.splits == 1; });
      EXPECT_EQ(size_t(whole), std::size(simt::configs));
    }
    ++taken;
  }
  EXPECT_GE(taken, 100);
  fmt::print("{} layers\n", taken);
}

sample_layer f32_layer(int64_t m, int64_t n, int64_t k) {
  sample_layer layer = bf16_layer("gelu");
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) layer.at(slot).type = GEMMACT_F32;
  layer.at(GEMMACT_X).ld = layer.at(GEMMACT_W).ld = (k + 3) / 4 * 4;
  layer.problem.m = m, layer.problem.n = n, layer.problem.k = k;
  return layer;
}

struct refused {
  const char* reason;
  std::function<void(families::layer&)> change;
};

TEST(gemm_simt_family, says_why_not) {
  const refused rows[] = {
      {"no product", [](auto& l) { l.what = families::operation::activation_grad; }},
      {"all products", [](auto& l) { l.combined = families::combine::gated, l.pieces = 2; }},
      {"2^31 - 512", [](auto& l) { l.n = i64{1} << 31; }},
      {"2^31 - 512 tiles", [](auto& l) { l.m = l.n = i64{1} << 30; }},
      {"2^31 - 512 tiles", [](auto& l) { l.batch = i64{1} << 31; }},
  };
  sample_layer given = f32_layer(100, 200, 300);
  const families::layer plain = layer_of(given);
  const families::gpu gpu = gpu_named("h100");
  ASSERT_EQ(simt::supports(plain, gpu), "");
  for (const refused& row : rows) {
    families::layer l = plain;
    row.change(l);
    const std::string reason = simt::supports(l, gpu);
    expect_part(reason, row.reason);
    EXPECT_NE(reason.back(), '.');
  }
  families::gpu old = gpu, small = gpu;
  old.architecture = 75, small.shared_block_bytes = 16 << 10;
  expect_part(simt::supports(plain, old), "sm_80");
  expect_part(simt::supports(plain, small), "shared memory");
  // What small tiles are too many of, larger ones are not.
  families::layer many = plain;
  many.m = many.n = i64{3} << 20;
  EXPECT_EQ(simt::supports(many, gpu), "");
  EXPECT_EQ(simt::candidates(many, gpu).size(), 2u);
}

TEST(gemm_simt_family, names_its_kernels) {
  const auto name = [](sample_layer layer, int row) {
    return simt::candidate_of(layer_of(layer), gpu_named("a100"), row).kernel;
  };
  sample_layer layer = f32_layer(100, 200, 300);
  EXPECT_EQ(name(layer, 0), "gemm_simt_f32_nt_128x128x16_bias_gelu_f32");
  layer.problem.compute = GEMMACT_COMPUTE_TF32;
  layer.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
  EXPECT_EQ(name(layer, 4), "gemm_simt_tf32_nn_16x32x64_bias_gelu_f32");
  layer = bf16_layer("relu", 256, 2);
  layer.at(GEMMACT_Y).order = GEMMACT_COLUMN_MAJOR;
  EXPECT_EQ(name(layer, 2), "gemm_simt_bf16_nt_64x64x32_turned_biasrow_relu_align2");
}

TEST(gemm_simt_family, copies_several_elements_where_every_line_consists_of_such_pieces) {
  const auto piece = [](sample_layer layer) { return simt::piece_of(layer_of(layer)); };
  const auto changed = [](const std::function<void(sample_layer&)>& change, gemmact_type type = GEMMACT_F32) {
    sample_layer layer = f32_layer(64, 96, 128);
    for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) {
      layer.at(slot).type = type;
      layer.at(slot).ld = 0;
    }
    change(layer);
    return layer;
  };
  const auto same = [](sample_layer&) {};
  const auto x_along_m = [](sample_layer& l) { l.at(GEMMACT_X).order = GEMMACT_COLUMN_MAJOR; };
  EXPECT_EQ(piece(changed(same)), 4u);
  for (const gemmact_type type : {GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3}) EXPECT_EQ(piece(changed(same, type)), 8u);
  EXPECT_EQ(piece(changed(x_along_m)), 4u);
  const std::vector<std::function<void(sample_layer&)>> narrow = {
      [](sample_layer& l) { l.at(GEMMACT_W).align_bytes = 8; },
      [](sample_layer& l) { l.at(GEMMACT_X).ld = 130; },
      [](sample_layer& l) { l.problem.k = 126, l.at(GEMMACT_X).ld = l.at(GEMMACT_W).ld = 128; },
      [&](sample_layer& l) { x_along_m(l), l.problem.m = 62, l.at(GEMMACT_X).ld = 64; },
      [&](sample_layer& l) { x_along_m(l), l.problem.flags = GEMMACT_VARIABLE_M; },
  };
  for (size_t i = 0; i < narrow.size(); ++i) EXPECT_EQ(piece(changed(narrow[i])), 1u) << i;
  // Runs of fewer rows leave rows of X out, not parts of them.
  EXPECT_EQ(piece(changed([](sample_layer& l) { l.problem.flags = GEMMACT_VARIABLE_M; })), 4u);
}

constexpr int64_t sizes[] = {1,    16,   17,   64,   128,  129,  200,  256,  400,  513,   700,   1000,
                             1500, 2048, 2100, 3000, 4096, 5000, 7000, 8192, 9000, 16384, 20000, 40000};
constexpr int64_t others[][2] = {{64, 64}, {128, 4096}, {4096, 128}, {4096, 4096}, {1000, 3000}, {16384, 512}};

TEST(gemm_simt_cost, grows_with_the_problem) {
  for (const plan::described_gpu& gpu : plan::described_gpus())
    for (const auto& [a, b] : others)
      for (int grows = 0; grows < 3; ++grows) {
        std::map<int, double> before;
        for (const int64_t size : sizes) {
          sample_layer layer = grows == 0   ? f32_layer(size, a, b)
                               : grows == 1 ? f32_layer(a, size, b)
                                            : f32_layer(a, b, size);
          for (const families::candidate& c : simt::candidates(layer_of(layer), gpu.facts)) {
            EXPECT_GT(std::min({c.cost.total, c.cost.tensor, c.cost.memory, c.cost.epilogue}), 0);
            if (c.splits > 1) continue;  // into as many parts as there is room for
            // Pieces of one element are a little slower: multiples of four are not compared with others.
            double& own = before[c.config + (layer.problem.k % 4 == 0 ? 0 : 100)];
            EXPECT_GE(c.cost.total, own * (1 - 1e-12)) << gpu.name << " " << c.tile << " " << size;
            own = c.cost.total;
          }
        }
      }
}

// A large layer takes one of the two large tiles, and not much longer than its multiply-adds.
TEST(gemm_simt_cost, of_large_layers_is_that_of_their_products) {
  for (const plan::described_gpu& gpu : plan::described_gpus()) {
    sample_layer layer = f32_layer(8192, 8192, 8192);
    const families::candidate best = simt::candidates(layer_of(layer), gpu.facts)[0];
    EXPECT_TRUE(best.tile == "128x128x16" || best.tile == "128x64x16") << gpu.name << " " << best.tile;
    const double rate = families::f32_flop_per_clock(gpu.facts) * gpu.facts.clock_ghz * 1e3 * gpu.facts.multiprocessors;
    const double least = 2.0 * 8192 * 8192 * 8192 / rate;
    EXPECT_GE(best.cost.total, least);
    EXPECT_LE(best.cost.total, least * 1.5) << gpu.name;
  }
}

// Where tensor cores may multiply, they do, but for a tie where memory decides.
TEST(gemm_simt_cost, gives_way_to_gemm_sm80) {
  for (const plan::described_gpu& gpu : plan::described_gpus())
    for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16})
      for (const int64_t size : sizes)
        for (const auto& [n, k] : others) {
          sample_layer given = f32_layer(size, n, k);
          given.problem.compute = GEMMACT_COMPUTE_TF32;
          if (type != GEMMACT_F32) given.problem.compute = GEMMACT_COMPUTE_STRICT;
          for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) given.at(slot).type = type;
          const families::layer l = layer_of(given);
          ASSERT_EQ(families::gemm_sm80::supports(l, gpu.facts), "");
          const families::candidate own = simt::candidates(l, gpu.facts)[0];
          // Of a few outputs, smaller tiles are more blocks that read at once.
          EXPECT_LE(families::gemm_sm80::candidates(l, gpu.facts)[0].cost.total,
                    (own.splits > 1 ? 1.2 : 1.02) * own.cost.total)
              << gpu.name << " " << size << " x " << n << " x " << k;
        }
}

}  // namespace
}  // namespace gemmact::test

// Which family and configuration is chosen: for the shapes of bench/shapes (choices.txt, rewritten with
// GEMMACT_UPDATE_DOCS=1), where results must not depend on m, and what explain says of it and of refusals.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "bench/core/shapes.hpp"
#include "host/plan/explain.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_device.hpp"
#include "host/plan/gpu_facts.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

plan::gpu_choice choice_of(sample_layer layer, const families::gpu& gpu) {
  return {plan::gpu_families(), gpu, core::check_problem(layer.link(), plan::functions())};
}

std::string chosen(const sample_layer& layer, const families::gpu& gpu) {
  const plan::gpu_choice choice = choice_of(layer, gpu);
  const plan::gpu_pick pick = choice.picks({}).at(0);
  return std::string(pick.family->name).substr(5) + " " + pick.candidate->tile;  // without "gemm_"
}

// Each once, of one type.
std::set<std::vector<int64_t>> shapes() {
  std::set<std::vector<int64_t>> all;
  for (const gemmact_bench::shape& s : gemmact_bench::read_all_shapes(GEMMACT_SOURCE_DIR "/bench/shapes"))
    if (s.type == GEMMACT_BF16) all.insert({s.m, s.n, s.k});
  return all;
}

const families::gpu& described(std::string_view name) {
  for (const plan::described_gpu& gpu : plan::described_gpus())
    if (gpu.name == name) return gpu.facts;
  throw std::logic_error("no such GPU is described");
}

std::string choices() {
  std::string text =
      fmt::format("{:>7} {:>7} {:>7}  {:<22} {:<24} {}\n", "m", "n", "k", "a100, gelu", "h100, linear", "h100, gelu");
  for (const auto& s : shapes())
    text += fmt::format("{:>7} {:>7} {:>7}  {:<22} {:<24} {}\n", s[0], s[1], s[2],
                        chosen(sized_layer(s[0], s[1], s[2], "gelu"), described("a100")),
                        chosen(sized_layer(s[0], s[1], s[2], "linear"), described("h100")),
                        chosen(sized_layer(s[0], s[1], s[2], "gelu"), described("h100")));
  return text;
}

TEST(families_choice, is_as_written) {
  const char* path = GEMMACT_SOURCE_DIR "/tests/host/families/choices.txt";
  const std::string made = choices();
  EXPECT_GT(std::count(made.begin(), made.end(), '\n'), 50);
  if (const char* update = std::getenv("GEMMACT_UPDATE_DOCS"); update != nullptr && *update == '1')
    std::ofstream(path) << made;
  std::istringstream lines(made);
  std::ifstream file(path);
  int different = 0;
  for (std::string now, then; std::getline(lines, now);) {
    std::getline(file, then);
    if (now != then && ++different <= 20) fmt::print("was {}\nnow {}\n", then, now);
  }
  std::string more;
  EXPECT_FALSE(std::getline(file, more));
  EXPECT_EQ(different, 0) << "the models' choices have changed; GEMMACT_UPDATE_DOCS=1 writes them to choices.txt";
}

// Of all that families offer; and each family offers something or says why not.
TEST(families_choice, is_the_least_cost) {
  for (const char* name : {"a100", "h100", "h200"})
    for (const auto& s : shapes())
      for (const uint32_t align : {16u, 2u}) {
        sample_layer layer = sized_layer(s[0], s[1], s[2], "gelu");
        layer.at(GEMMACT_X).align_bytes = align;
        const plan::gpu_choice choice = choice_of(layer, described(name));
        const double least = choice.picks({}).at(0).candidate->cost.total;
        for (const plan::gpu_answer& answer : choice.answers()) {
          EXPECT_NE(answer.refusal.empty(), answer.candidates.empty()) << answer.family->name;
          for (const families::candidate& c : answer.candidates) EXPECT_GE(c.cost.total, least) << c.kernel;
        }
      }
}

std::string explained(const plan::described_gpu& gpu, sample_layer layer) {
  const std::string device = fmt::format("describe:{}", gpu.name);
  const plan::gpu_device opened(gpu.facts, nullptr, plan::gpu_families(), jit::compiler_options{});
  return plan::explain(device, opened, layer.link(), plan::functions());
}

TEST(families_explained, on_every_described_gpu) {
  for (const plan::described_gpu& gpu : plan::described_gpus()) {
    const sample_layer layer = sized_layer(256, 256, 256, "gelu");
    const plan::gpu_choice choice = choice_of(layer, gpu.facts);
    const plan::gpu_pick best = choice.picks({}).at(0);
    const std::string text = explained(gpu, layer);
    expect_part(text, fmt::format("{}: {}; tile {}, {}", best.family->name, best.candidate->kernel,
                                  best.candidate->tile, best.candidate->cost.words()));
    expect_part(text, "Launches: 1. Workspace: 0 bytes.");
    for (const plan::gpu_answer& answer : choice.answers()) {
      if (!answer.refusal.empty())
        expect_part(text, fmt::format("{}: refused, {}", answer.family->name, answer.refusal));
      for (const families::candidate& c : answer.candidates) expect_part(text, "    " + c.tile + ": ");
    }
  }
}

// One family sums otherwise than another: where a row must not depend on m, the choice between them does not either.
TEST(families_choice, families_do_not_change_with_m_where_results_must_not) {
  const families::gpu gpu = plan::gpu_of_architecture(90);
  const auto families_for = [&](uint32_t align_bytes, uint64_t flags) {
    std::set<std::string> seen;
    for (int64_t m = 1; m <= 600; ++m) {
      sample_layer layer = sized_layer(m, 4096, align_bytes == 16 ? 4096 : 257, "gelu");
      for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) layer.at(slot).align_bytes = align_bytes;
      layer.problem.flags = flags;
      seen.insert(choice_of(layer, gpu).picks({}).at(0).family->name);
    }
    return seen;
  };
  EXPECT_EQ(families_for(16, GEMMACT_BATCH_INVARIANT), std::set<std::string>{"gemm_sm90"});
  EXPECT_EQ(families_for(2, GEMMACT_BATCH_INVARIANT), std::set<std::string>{"gemm_sm80"});
  for (const uint32_t align_bytes : {16u, 2u})
    EXPECT_EQ(families_for(align_bytes, 0).size(), 2u) << "this shape no longer shows anything: find another";
}

// Of one row, too, whose strides do not tell how it lies.
TEST(families_choice, orders_do_not_change_with_m_where_results_must_not) {
  const families::gpu gpu = plan::gpu_of_architecture(90);
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_E4M3})
    for (const uint32_t column_major : {GEMMACT_X, GEMMACT_Y}) {
      std::set<std::string> seen;
      for (int64_t m = 1; m <= 4; ++m) {
        sample_layer layer = bf16_layer("gelu", 64, 1);
        layer.at(GEMMACT_X).type = layer.at(GEMMACT_W).type = type;
        layer.at(column_major).order = GEMMACT_COLUMN_MAJOR;
        layer.problem.m = m;
        layer.problem.flags = GEMMACT_BATCH_INVARIANT;
        for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) layer.at(slot).align_bytes = 0;
        const plan::gpu_choice choice = choice_of(layer, gpu);
        const std::string kernel = choice.picks({}).at(0).candidate->kernel;
        // "gemm_sm80_bf16_nt" of "gemm_sm80_bf16_nt_64x64x64x4_turned_..."
        size_t end = 0;
        for (int word = 0; word < 4; ++word) end = kernel.find('_', end + 1);
        seen.insert(kernel.substr(0, end) + (kernel.find("_turned") == kernel.npos ? "" : " turned"));
      }
      EXPECT_EQ(seen.size(), 1u) << *seen.begin() << " and " << *seen.rbegin();
    }
}

// A call in one line has no workspace to give.
TEST(families_choice, without_a_workspace_where_one_is_unwelcome) {
  const families::gpu gpu = plan::gpu_of_architecture(90);
  sample_layer layer = bf16_layer("gelu");
  layer.problem.m = 16, layer.problem.n = 1024, layer.problem.k = 8192;
  core::problem problem = core::check_problem(layer.link(), plan::functions());
  const auto splits = [&] {
    return plan::gpu_choice(plan::gpu_families(), gpu, problem).picks({}).at(0).candidate->splits;
  };
  EXPECT_GT(splits(), 1);
  problem.avoids_workspace = true;
  EXPECT_EQ(splits(), 1);
}

struct refused {
  const char* reason;
  std::function<void(sample_layer&)> change;
};

TEST(families_explained, each_refusal_has_its_reason) {
  const auto turned = [](gemmact_type type) {
    return [type](sample_layer& l) {
      l.at(GEMMACT_X).type = l.at(GEMMACT_W).type = type;
      l.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
    };
  };
  const std::vector<refused> rows = {
      {"only the compute mode TF32 allows",
       [](sample_layer& l) { l.at(GEMMACT_X).type = l.at(GEMMACT_W).type = GEMMACT_F32; }},
      {"e4m3", turned(GEMMACT_E4M3)},
      {"all products of a pair or of a maxout must have a bias",
       [](sample_layer& l) {
         l.problem.combine = GEMMACT_GATED;
         l.add(GEMMACT_W, GEMMACT_BF16, GEMMACT_EACH, 1);
       }},
      {"2^31 - 512", [](sample_layer& l) { l.problem.m = (int64_t{1} << 31) - 511; }},
  };
  for (const plan::described_gpu& gpu : plan::described_gpus())
    for (const refused& row : rows) {
      sample_layer layer = bf16_layer("relu");
      row.change(layer);
      const std::string text = explained(gpu, layer);
      expect_part(text, "gemm_sm80: refused, ");
      expect_part(text, row.reason);
    }
  // What TMA and wgmma do not take, another family does.
  const auto each = [](auto change) {
    return [change](sample_layer& l) {
      for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) change(l.at(slot));
    };
  };
  for (const refused& row :
       {refused{"X is not promised to have lines that begin at multiples of 16 bytes",
                each([](gemmact_tensor& t) { t.align_bytes = 8; })},
        refused{"X is not promised to have lines that begin at multiples of 16 bytes",
                each([](gemmact_tensor& t) { t.ld = 1028; })},
        refused{"W is not promised to have lines", [](sample_layer& l) { l.at(GEMMACT_W).ld = 1025; }},
        refused{"wgmma takes operands that do not lie along the depth", [](sample_layer& l) {
                  l.at(GEMMACT_X).type = l.at(GEMMACT_W).type = GEMMACT_F32;
                  l.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
                  l.problem.compute = GEMMACT_COMPUTE_TF32;
                }}}) {
    sample_layer layer = bf16_layer("relu", 1024);
    row.change(layer);
    const std::string text = explained(plan::described_gpus()[2], layer);
    expect_part(text, std::string("gemm_sm90: refused, ") + row.reason);
    expect_part(text, "gemm_sm80: gemm_sm80_");
  }
  expect_part(explained(plan::described_gpus()[0], bf16_layer("relu")), "gemm_sm90: refused, it needs sm_90 (Hopper)");
  sample_layer backward(GEMMACT_INPUT_GRAD);
  for (const uint32_t slot : {GEMMACT_DZ, GEMMACT_W, GEMMACT_DX}) backward.add(slot, GEMMACT_BF16);
  expect_part(explained(plan::described_gpus()[0], backward), "gemm_sm80: gemm_sm80_bf16_nn_");
}

}  // namespace
}  // namespace gemmact::test

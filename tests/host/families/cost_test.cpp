// Which configuration is chosen: the cost model's sanity, its choices for the shapes of bench/shapes (choices.txt, rewritten
// with GEMMACT_UPDATE_DOCS=1), and what explain says of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
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

namespace family = families::gemm_sm80;

// Its rows begin at multiples of 16 bytes, whatever k is.
sample_layer sized(int64_t m, int64_t n, int64_t k) {
  sample_layer layer = bf16_layer("gelu");
  layer.at(GEMMACT_X).ld = layer.at(GEMMACT_W).ld = (k + 7) / 8 * 8;
  layer.problem.m = m, layer.problem.n = n, layer.problem.k = k;
  return layer;
}

std::vector<families::candidate> ranked(sample_layer layer, const families::gpu& gpu) {
  const families::layer l = layer_of(layer);
  EXPECT_EQ(family::supports(l, gpu), "");
  return family::candidates(l, gpu);
}

constexpr int64_t sizes[] = {1,    16,   17,   64,   128,  129,  200,  256,  400,  513,   700,   1000,
                             1500, 2048, 2100, 3000, 4096, 5000, 7000, 8192, 9000, 16384, 20000, 40000};
constexpr int64_t others[][2] = {{64, 64}, {128, 4096}, {4096, 128}, {4096, 4096}, {1000, 3000}, {16384, 512}};

TEST(gemm_sm80_cost, is_positive_and_the_least_is_chosen) {
  for (const plan::described_gpu& gpu : plan::described_gpus())
    for (const auto& [a, b] : others) {
      const auto all = ranked(sized(777, a, b), gpu.facts);
      for (size_t i = 0; i < all.size(); ++i) {
        const families::estimate& e = all[i].cost;
        EXPECT_GE(e.total, all[0].cost.total) << all[i].kernel;
        EXPECT_GT(std::min({e.total, e.tensor, e.memory, e.special, e.epilogue, e.waves}), 0) << all[i].kernel;
        EXPECT_GE(e.total, std::max(e.tensor, e.memory)) << all[i].kernel;
        EXPECT_LE(int(all[i].shared_bytes), gpu.facts.shared_block_bytes) << all[i].kernel;
        EXPECT_GE(all[i].blocks_per_multiprocessor, 1) << all[i].kernel;
      }
    }
}

// More work is never cheaper, whichever of m, n and k grows.
TEST(gemm_sm80_cost, grows_with_the_problem) {
  for (const plan::described_gpu& gpu : plan::described_gpus())
    for (const auto& [a, b] : others)
      for (int grows = 0; grows < 3; ++grows) {
        std::map<int, double> before;  // by configuration and size of copies
        double least = 0;
        for (const int64_t size : sizes) {
          const auto all = ranked(grows == 0   ? sized(size, a, b)
                                  : grows == 1 ? sized(a, size, b)
                                               : sized(a, b, size),
                                  gpu.facts);
          EXPECT_GE(all[0].cost.total, least * (1 - 1e-12)) << gpu.name << " "
                                                            << "mnk"[grows] << " = " << size;
          least = all[0].cost.total;
          for (const families::candidate& c : all) {
            if (c.splits > 1) continue;  // into how many parts depends on the size
            double& own = before[c.config];
            EXPECT_GE(c.cost.total, own * (1 - 1e-12)) << gpu.name << " " << c.tile << " " << a << " " << b << " "
                                                       << "mnk"[grows] << " = " << size;
            own = c.cost.total;
          }
        }
      }
}

TEST(gemm_sm80_cost, of_smaller_copies_and_more_operands_is_no_less) {
  for (const plan::described_gpu& gpu : plan::described_gpus()) {
    double before = 0;
    for (const uint32_t align : {16u, 8u, 4u, 2u}) {
      sample_layer layer = bf16_layer("gelu", 3000, align);
      layer.at(GEMMACT_X).ld = layer.at(GEMMACT_W).ld = 3000 + 8 + align / 2;
      const double cost = ranked(layer, gpu.facts)[0].cost.total;
      EXPECT_GE(cost, before) << align;
      before = cost;
    }
    sample_layer more = bf16_layer("gelu", 3000);
    const double alone = ranked(more, gpu.facts)[0].cost.total;
    more.add(GEMMACT_RESIDUAL, GEMMACT_BF16);
    EXPECT_GE(ranked(more, gpu.facts)[0].cost.total, alone);
  }
}

std::string choices() {
  std::set<std::vector<int64_t>> shapes;  // each once
  for (const gemmact_bench::shape& s : gemmact_bench::read_all_shapes(GEMMACT_SOURCE_DIR "/bench/shapes"))
    if (s.type == GEMMACT_BF16) shapes.insert({s.m, s.n, s.k});
  std::string text = fmt::format("{:>7} {:>7} {:>7}  {:<14} {:<14}\n", "m", "n", "k", "a100", "h100");
  const auto gpus = plan::described_gpus();
  for (const auto& s : shapes) {
    text += fmt::format("{:>7} {:>7} {:>7} ", s[0], s[1], s[2]);
    for (const char* name : {"a100", "h100"})
      for (const plan::described_gpu& gpu : gpus)
        if (gpu.name == std::string_view(name))
          text += fmt::format(" {:<14}", ranked(sized(s[0], s[1], s[2]), gpu.facts)[0].tile);
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

TEST(gemm_sm80_cost, chooses_as_written) {
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
  EXPECT_EQ(different, 0) << "the model's choices have changed; GEMMACT_UPDATE_DOCS=1 writes them to choices.txt";
}

std::string explained(const plan::described_gpu& gpu, sample_layer layer) {
  const std::string device = fmt::format("describe:{}", gpu.name);
  const plan::gpu_device opened(gpu.facts, nullptr, plan::gpu_families(), jit::compiler_options{});
  return plan::explain(device, opened, layer.link(), plan::functions());
}

TEST(gemm_sm80_explained, on_every_described_gpu) {
  for (const plan::described_gpu& gpu : plan::described_gpus()) {
    const families::candidate best = ranked(sized(256, 256, 256), gpu.facts)[0];
    const std::string text = explained(gpu, sized(256, 256, 256));
    expect_part(text, fmt::format("gemm_sm80: {}; tile {}, {}", best.kernel, best.tile, best.cost.words()));
    expect_part(text, "Launches: 1. Workspace: 0 bytes.");
    for (const families::candidate& c : ranked(sized(256, 256, 256), gpu.facts))
      expect_part(text, "    " + c.tile + ": ");
  }
}

// One family sums otherwise than another: where a row must not depend on m, the choice between them does not either.
TEST(gemm_sm80_cost, families_do_not_change_with_m_where_results_must_not) {
  const families::gpu gpu = plan::gpu_of_architecture(90);
  const auto families_for = [&](uint64_t flags) {
    std::set<std::string> seen;
    for (int64_t m = 1; m <= 600; ++m) {
      sample_layer layer = bf16_layer("gelu", 256, 2);
      layer.problem.m = m, layer.problem.n = 4096, layer.problem.k = 257;
      layer.problem.flags = flags;
      const plan::gpu_choice choice(plan::gpu_families(), gpu, core::check_problem(layer.link(), plan::functions()));
      seen.insert(choice.picks({}).at(0).family->name);
    }
    return seen;
  };
  EXPECT_EQ(families_for(GEMMACT_BATCH_INVARIANT), std::set<std::string>{"gemm_sm80"});
  EXPECT_EQ(families_for(0).size(), 2u) << "this shape no longer shows anything: find another";
}

// Of one row, too, whose strides do not tell how it lies.
TEST(gemm_sm80_cost, orders_do_not_change_with_m_where_results_must_not) {
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
        const plan::gpu_choice choice(plan::gpu_families(), gpu, core::check_problem(layer.link(), plan::functions()));
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
TEST(gemm_sm80_cost, without_a_workspace_where_one_is_unwelcome) {
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

TEST(gemm_sm80_explained, each_refusal_has_its_reason) {
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
      {"neither gated nor maxout",
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
  sample_layer backward(GEMMACT_INPUT_GRAD);
  for (const uint32_t slot : {GEMMACT_DZ, GEMMACT_W, GEMMACT_DX}) backward.add(slot, GEMMACT_BF16);
  expect_part(explained(plan::described_gpus()[0], backward), "refused, it computes the forward operation alone");
}

}  // namespace
}  // namespace gemmact::test

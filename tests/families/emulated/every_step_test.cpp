// Each step of the epilogue that the emulated GPU has is run, on a kernel of each kind of strips, at aligned and at odd
// strides, for a row-major and a column-major Y.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/families/emulated/layers_of_steps.hpp"
#include "tests/families/emulated/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

// Whether a step is one of strips that go through shared memory, of those that nothing is multiplied for, of products beside
// each other or backward.
bool is_staged(const std::string& step) { return step.find("stage") != step.npos; }
bool is_fetched(const std::string& step) {
  return step.find("held::fetched") != step.npos || step.find("maxout_gradient") != step.npos;
}
bool is_of_products(const std::string& step) {
  for (const char* word : {"each_product<", "winner<", "gate<", "gradient<", "kept<"})
    if (step.find(word) != step.npos) return true;
  return false;
}

// One function alone has four parameters to train: tests/layer/every_equation_test.cpp runs it.
bool is_of_four_trained(const std::string& step) { return step.find("summed<0,0,1,2,3>") != step.npos; }

std::vector<placement> placements() {
  std::vector<placement> all;
  for (const gemmact_order order : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
    for (const bool aligned : {true, false}) {
      const int64_t to_sixteen = order == GEMMACT_ROW_MAJOR ? 80 - 70 : 32 - 21;
      all.push_back({{.order = order, .pad = aligned ? to_sixteen : 0, .batched = false}, aligned});
    }
  return all;
}

// Null where the emulated GPU has no kernel for it: of some families it has a sample of those for products and sums.
std::unique_ptr<watched_run> start(const walk& w) try {
  return std::make_unique<watched_run>(w);
} catch (const not_covered&) {
  return nullptr;
}

// `many`: the tile that has kernels of more than six products beside each other.
void run_layers(const char* plan, const char* many, const std::vector<layer>& layers,
                bool (*expected)(const std::string&)) {
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  gpu.ran.clear();
  int failures = 0;
  for (uint64_t i = 0; i < layers.size() && failures < 10; ++i) {
    if (!case_selected(i)) continue;
    const std::unique_ptr<watched_run> run = start({"a layer", layers[i].pieces > 6 ? many : plan, layers[i]});
    if (run == nullptr) continue;
    emulator::options how;
    how.seed = i;
    if (run->run(how).right) continue;
    ++failures;
    ADD_FAILURE() << run->wrong() << "\n  " << layers[i].text() << "\n  " << replay_line(i);
  }
  fmt::print("{}: {} layers, {} steps\n", plan, layers.size(), gpu.steps().size());
  if (case_share() < 1 || !gpu.has_all) return;
  for (const std::string& step : gpu.steps())
    EXPECT_TRUE(!expected(step) || gpu.ran.count(step) == 1) << "never run: " << step;
}

std::vector<layer> layers_with_products() {
  std::vector<layer> all;
  const auto append = [&](std::vector<layer> some) {
    for (layer& l : some) all.push_back(std::move(l));
  };
  for (const placement& p : placements())
    append(layers_of_forward(p)), append(layers_of_gradients(p, GEMMACT_INPUT_GRAD));
  append(layers_of_products(placements()[0]));
  return all;
}

TEST(every_step, of_strips_of_neighbours) {
  run_layers("gemm_sm80:16x64x64x6", "gemm_sm80:32x128x64x4", layers_with_products(), [](const std::string& step) {
    return !is_staged(step) && !is_fetched(step) && !is_of_four_trained(step);
  });
}
TEST(every_step, of_strips_of_pairs) {
  constexpr const char* plan = "gemm_sm90:128x128x64x4";
  run_layers(plan, plan, layers_with_products(),
             [](const std::string& step) { return is_staged(step) || (!is_fetched(step) && !is_of_products(step)); });
}
TEST(every_step, of_strips_of_registers) {
  std::vector<layer> all;
  for (const placement& p : placements())
    for (layer& l : layers_of_gradients(p, GEMMACT_ACTIVATION_GRAD)) all.push_back(std::move(l));
  constexpr const char* plan = "gradient_pass:64x64";
  run_layers(plan, plan, all, is_fetched);
}

}  // namespace
}  // namespace gemmact::test

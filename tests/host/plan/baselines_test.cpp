// What is timed beside our kernels: cuBLASLt's, by a stand-in that checks what it is asked for.
#include "host/plan/baselines.hpp"

#include <optional>
#include <set>

#include "host/jit/nvrtc.hpp"
#include "kernels/baseline/params.hpp"
#include "tests/host/plan/tuning_fixture.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

class baselines : public tuning_fixture {
 protected:
  void TearDown() override {
    EXPECT_EQ(fake_.blas_objects, 0);
    fake_.blas_status = 0;
    fake_.blas_offers = true;
    fake_.blas_us = 12;
    fake_.blas_calls.clear();
    tuning_fixture::TearDown();
  }
  // All timings; calls_ are those of the first runs. `moved`: Y's distance from a page.
  std::vector<core::timing> tuned(sample_layer& layer, int64_t moved = 0) {
    fake_.blas_calls.clear();
    sample_run memory(layer);
    auto& y = memory.at(GEMMACT_Y).data;
    y = static_cast<std::byte*>(y) + moved;
    std::vector<core::timing> all = api::tune(*context_->device, layer.link(), memory.link(), {1, true}).timings;
    std::erase_if(all, [](const core::timing& t) { return !t.baseline; });
    calls_ = fake_.blas_calls;
    const auto timed = std::count_if(all.begin(), all.end(), [](const core::timing& t) { return t.failure.empty(); });
    calls_.resize(std::min(calls_.size(), size_t(timed)));
    EXPECT_TRUE(memory.untouched());
    return all;
  }
  using list = std::vector<std::string>;
  list calls_;
};

TEST_F(baselines, beside_ours_and_never_taken) {
  sample_layer layer = forward_layer();
  layer.problem.compute = GEMMACT_COMPUTE_TF32;
  set_times({{"toy_64x32", 15}});
  const std::vector<core::timing> all = tuned(layer);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].tile, "product alone");
  EXPECT_EQ(all[1].tile, "own epilogue");
  EXPECT_EQ(all[2].tile, "and a separate kernel");
  for (const core::timing& t : {all[0], all[1]}) {
    EXPECT_NEAR(t.median, 12, 1e-3) << t.failure;
    EXPECT_GT(t.runs, 3);
    EXPECT_FALSE(t.chosen);
  }
  EXPECT_EQ(calls_, (list{"f32 7T x 5 to f32, k 3, epilogue 1, tf32", "f32 7T x 5 to f32, k 3, epilogue 6, tf32"}));
  EXPECT_EQ(kernel_of(layer), "toy_64x32") << "15 us, and cuBLASLt's 12";
  EXPECT_EQ(explanation(layer).find("cuBLASLt"), std::string::npos);
  EXPECT_EQ(read_bytes(folder_.files_with(".tuned").at(0)).find("cuBLASLt"), std::string::npos);
  fake_.blas_calls.clear();
  ASSERT_EQ(tune(layer), GEMMACT_OK);
  EXPECT_TRUE(fake_.blas_calls.empty()) << "gemmact_tune spends its budget on ours";
}

TEST_F(baselines, our_times_are_not_left_behind_for_theirs) {
  sample_layer layer = forward_layer();
  fake_.blas_us = 1;
  set_times({{"toy_64x32", 15}, {"toy_64x64", 16}});
  tuned(layer);
  EXPECT_GT(launches_["toy_64x32"], 8);
  EXPECT_EQ(kernel_of(layer), "toy_64x32");
}

TEST_F(baselines, layouts_and_epilogues) {
  const auto calls = [&](const char* function, auto change) {
    sample_layer layer = forward_layer(function);
    for (gemmact_tensor& t : layer.tensors) t.type = GEMMACT_BF16;
    change(layer);
    tuned(layer);
    return calls_;
  };
  const auto nothing = [](sample_layer&) {};
  EXPECT_EQ(calls("linear", nothing).at(1), "bf16 7T x 5 to bf16, k 3, epilogue 4");
  EXPECT_EQ(calls("gelu_tanh", nothing).at(1), "bf16 7T x 5 to bf16, k 3, epilogue 36");
  EXPECT_EQ(calls("gelu", nothing).size(), 1u) << "theirs is the approximation by tanh";
  EXPECT_EQ(calls("relu", [](sample_layer& l) { l.drop(GEMMACT_BIAS); }).at(1), "bf16 7T x 5 to bf16, k 3, epilogue 2");
  EXPECT_EQ(calls("linear", [](sample_layer& l) { l.drop(GEMMACT_BIAS); }).size(), 1u);
  EXPECT_EQ(calls("relu", [](sample_layer& l) { l.at(GEMMACT_BIAS).type = GEMMACT_F32; }).size(), 1u);
  EXPECT_EQ(calls("relu", [](sample_layer& l) { l.add(GEMMACT_RESIDUAL, GEMMACT_BF16); }).size(), 1u);
  const auto turned = [](sample_layer& l) {
    l.at(GEMMACT_X).order = l.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
    l.at(GEMMACT_X).ld = 11;
    l.at(GEMMACT_Y).type = GEMMACT_F32;
    l.problem.flags = GEMMACT_VARIABLE_M;
  };
  EXPECT_EQ(calls("relu", turned).at(0), "bf16 7 x 5T to f32, k 3, epilogue 1");
  EXPECT_TRUE(calls("relu", [](sample_layer& l) { l.at(GEMMACT_Y).order = GEMMACT_COLUMN_MAJOR; }).empty());
  EXPECT_TRUE(calls("relu", [](sample_layer& l) { l.problem.batch = 2, l.at(GEMMACT_Y).batch_stride = 35; }).empty());
}

// The pair's second kernel is compiled for the function, as ours are.
TEST_F(baselines, the_unfused_pair) {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    GTEST_SKIP() << failure.what();
  }
  jit::compiler_options options;
  options.packs = {folder_ / "toy.pack"};
  open(options);
  std::vector<std::string> passes;
  fake_.cubin_params_bytes = sizeof(baseline::params);
  std::optional<baseline::params> seen;
  before_raw_ = [&](const std::string& kernel, const void* params) {
    if (kernel.rfind("activation_pass_", 0) != 0) return;
    passes.push_back(kernel);
    seen.emplace();
    std::memcpy(&*seen, params, sizeof *seen);
  };
  set_times({{"activation_pass_bf16_bias_swish", 7}});
  sample_layer layer = forward_layer("swish(beta=1.5)");
  layer.problem.n = 16;
  for (gemmact_tensor& t : layer.tensors) t.type = GEMMACT_BF16;
  const std::vector<core::timing> all = tuned(layer);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].failure, "");
  EXPECT_NEAR(all[1].median, 12 + 7, 1e-3) << "both kernels";
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->rows, 5u);
  EXPECT_EQ(seen->cols, 16u);
  EXPECT_EQ(seen->ld, 16);
  EXPECT_EQ(seen->number[0], 1.5f);
  EXPECT_FALSE(seen->bias.is_null());
  EXPECT_EQ(std::set<std::string>(passes.begin(), passes.end()),
            std::set<std::string>{"activation_pass_bf16_bias_swish"});
  expect_part(tuned(layer, 2).at(1).failure, "rows of whole, aligned 16 bytes");
  layer.problem.n = 17;
  expect_part(tuned(layer).at(1).failure, "rows of whole, aligned 16 bytes");
  layer.add(GEMMACT_RESIDUAL, GEMMACT_BF16);
  expect_part(tuned(layer).at(1).failure, "a bias a column, of Y's type, and a function, no more");
  fake_.cubin_params_bytes = 0;
}

TEST_F(baselines, what_is_missing_is_told) {
  sample_layer layer = forward_layer();
  fake_.blas_offers = false;
  expect_part(tuned(layer).at(0).failure, "cuBLASLt offers nothing for it");
  fake_.blas_offers = true;
  fake_.blas_status = 14;
  expect_part(tuned(layer).at(1).failure, "cuBLASLt does not start: status 14");
  EXPECT_EQ(kernel_of(layer), "toy_64x64");
}

}  // namespace
}  // namespace gemmact::test

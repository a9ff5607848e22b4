// What is timed beside our kernels: cuBLASLt's, by a stand-in that checks what it is asked for.
#include "host/plan/baselines.hpp"

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
  // All timings; calls_ are those of a first run.
  std::vector<core::timing> tuned(sample_layer& layer) {
    fake_.blas_calls.clear();
    sample_run memory(layer);
    std::vector<core::timing> all = api::tune(*context_->device, layer.link(), memory.link(), {1, true});
    std::erase_if(all, [](const core::timing& t) { return !t.baseline; });
    calls_ = fake_.blas_calls;
    calls_.resize(std::min(calls_.size(), all.size()));
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
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].tile, "product alone");
  EXPECT_EQ(all[1].tile, "own epilogue");
  for (const core::timing& t : all) {
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

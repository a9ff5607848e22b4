// Sixteen threads on one context: each makes, asks, runs and drops plans, and fails in its own way. The messages of one
// thread never show in another. ThreadSanitizer has the last word (preset tsan).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/host/sample_layer.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr int threads = 16;

void in_threads(const std::function<void(int)>& work) {
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) all.emplace_back(work, t);
  for (std::thread& t : all) t.join();
}

// Y of the sample's plan for X = 1, W = 2, bias = t: relu(6 + t).
bool run_once(const gemmact_plan* plan, sample_run& run, float bias) {
  auto fill = [&](uint32_t slot, int count, float value) {
    auto* data = static_cast<float*>(run.at(slot).data);
    std::fill(data, data + count, value);
  };
  fill(GEMMACT_X, 15, 1);
  fill(GEMMACT_W, 21, 2);
  fill(GEMMACT_BIAS, 7, bias);
  if (gemmact_run(plan, &run.operands, run.workspace, nullptr) != GEMMACT_OK) return false;
  auto* y = static_cast<const float*>(run.at(GEMMACT_Y).data);
  return std::all_of(y, y + 35, [&](float v) { return v == 6 + bias; });
}

class shared_context : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(gemmact_context_create("cpu", &context_), GEMMACT_OK);
    ASSERT_EQ(gemmact_plan_create(context_, layer_.link(), &plan_), GEMMACT_OK) << gemmact_last_error();
    gemmact_plan_info info{};
    info.struct_bytes = sizeof info;
    ASSERT_EQ(gemmact_plan_get_info(plan_, &info), GEMMACT_OK);
    buffer_ = std::max<size_t>(4096, (info.workspace_bytes + 4095) / 4096 * 4096);
    rounds_ = std::max(10, int(200 * case_share()));
  }
  void TearDown() override {
    gemmact_plan_destroy(plan_);
    gemmact_context_destroy(context_);
  }
  sample_layer layer_ = forward_layer();
  gemmact_context* context_ = nullptr;
  gemmact_plan* plan_ = nullptr;
  size_t buffer_ = 0;
  int rounds_ = 0;
};

TEST_F(shared_context, one_plan_with_a_workspace_each) {
  std::atomic<int> wrong{0};
  in_threads([&](int t) {
    sample_run run(layer_, buffer_);
    run.link();
    for (int i = 0; i < rounds_; ++i) wrong += !run_once(plan_, run, float(t));
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(shared_context, plans_made_and_dropped) {
  std::atomic<int> wrong{0};
  in_threads([&](int t) {
    sample_layer layer = forward_layer();
    sample_run run(layer, buffer_);
    run.link();
    for (int i = 0; i < rounds_; ++i) {
      gemmact_plan* plan = nullptr;
      bool ok = gemmact_plan_create(context_, layer.link(), &plan) == GEMMACT_OK && run_once(plan, run, float(t));
      size_t bytes = 0;
      ok = ok && gemmact_problem_explain(context_, &layer.problem, nullptr, &bytes) == GEMMACT_OK && bytes > 100;
      gemmact_plan_destroy(plan);
      wrong += !ok;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(shared_context, messages_stay_with_their_thread) {
  std::atomic<int> wrong{0};
  in_threads([&](int t) {
    std::string name = fmt::format("no_such_function_{}", t), says = '"' + name + '"';
    for (int i = 0; i < rounds_; ++i) {
      size_t index;
      float values[GEMMACT_MAX_PARAMS];
      bool ok =
          gemmact_activation_parse(name.c_str(), &index, values, GEMMACT_MAX_PARAMS) == GEMMACT_UNKNOWN_ACTIVATION;
      ok = ok && std::string(gemmact_last_error()).find(says) != std::string::npos;
      ok = ok && gemmact_activation_parse("relu", &index, values, GEMMACT_MAX_PARAMS) == GEMMACT_OK &&
           *gemmact_last_error() == 0;
      wrong += !ok;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(shared_context, prewarming_names_the_first_failure) {
  sample_layer wrong_name = forward_layer("rleu"), wrong_size = forward_layer();
  wrong_size.problem.m = -1;
  std::vector<const gemmact_problem*> list(40, layer_.link());
  for (uint32_t count : {0u, 1u, 3u, 100u})
    EXPECT_EQ(gemmact_context_prewarm(context_, list.data(), list.size(), count), GEMMACT_OK);
  list[17] = wrong_size.link();
  list[31] = wrong_name.link();
  EXPECT_EQ(gemmact_context_prewarm(context_, list.data(), list.size(), 8), GEMMACT_BAD_SIZE);
  EXPECT_STREQ(gemmact_last_error(), "problems[17]: m is -1; it must be at least 1");
}

}  // namespace
}  // namespace gemmact::test

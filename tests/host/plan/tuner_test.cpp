// What is timed, how, and what becomes of failures, under a driver that reports chosen times.
#include "host/plan/tuner.hpp"

#include <cmath>
#include <set>
#include <thread>

#include "host/core/slots.hpp"
#include "host/jit/nvrtc.hpp"
#include "tests/host/plan/tuning_fixture.hpp"
#include "tests/support/random.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

TEST(timings, medians_and_bounds) {
  core::timing t;
  plan::set_times(t, {5});
  EXPECT_EQ(t.median, 5);
  EXPECT_EQ(t.low, 5);
  EXPECT_EQ(t.high, 5);
  plan::set_times(t, {3, 1, 2});
  EXPECT_EQ(t.median, 2);
  EXPECT_EQ(t.low, 1);
  EXPECT_EQ(t.high, 3);
  plan::set_times(t, {4, 1, 3, 2});
  EXPECT_EQ(t.median, 2.5);
  std::vector<double> many;
  for (int i = 1; i <= 101; ++i) many.push_back(i);
  plan::set_times(t, many);
  EXPECT_EQ(t.median, 51);
  EXPECT_EQ(t.low, 41);
  EXPECT_EQ(t.high, 61);
  EXPECT_EQ(t.runs, 101);
}

// The bounds hold the true median as often as they say.
TEST(timings, bounds_are_honest) {
  random_source random{7};
  for (int n : {6, 7, 8, 9, 11, 12, 25, 101}) {
    int held = 0;
    constexpr int series = 4000;
    for (int s = 0; s < series; ++s) {
      std::vector<double> samples;
      for (int i = 0; i < n; ++i) samples.push_back(std::exp(random.normal()));  // of the median 1
      core::timing t;
      plan::set_times(t, samples);
      held += t.low <= 1 && 1 <= t.high;
    }
    EXPECT_GT(held, series * 94 / 100) << n;               // 95 %, less the noise of this many series
    EXPECT_TRUE(n <= 8 || held < series * 99 / 100) << n;  // of few the bounds are the extremes
  }
}

class tuning : public tuning_fixture {};

TEST_F(tuning, the_fastest_is_taken_from_then_on) {
  sample_layer layer = forward_layer();
  EXPECT_EQ(kernel_of(layer), "toy_64x64") << "by the model";
  set_times({{"toy_64x32", 15}});
  ASSERT_EQ(tune(layer), GEMMACT_OK) << message_;
  EXPECT_EQ(launches_.size(), 4u) << "every configuration of both families";
  EXPECT_EQ(kernel_of(layer), "toy_64x32");
  const std::string text = explanation(layer);
  expect_part(text, "\n  toy: toy_64x32; tile 64x32, 25 us: ");
  expect_part(text, "waves; tuned, measured 15 us (15 to 15, ");
  expect_part(text,
              "toy_64x64; 42 registers, compiled for sm_90 (memory); measured 40 us (40 to 40, 6 runs, not with those "
              "that decide)");
  ::setenv("GEMMACT_PLAN", "toy:128x128", 1);
  EXPECT_EQ(kernel_of(layer), "toy_128x128");
  ::unsetenv("GEMMACT_PLAN");
  layer.problem.k = 4;
  EXPECT_EQ(kernel_of(layer), "toy_64x64") << "another problem";
  reopen();
  layer.problem.k = 3;
  EXPECT_EQ(kernel_of(layer), "toy_64x32") << "from the disk";
  reopen(114);
  EXPECT_EQ(kernel_of(layer), "toy_64x64") << "another device";
}

TEST_F(tuning, linear_takes_it_too) {
  sample_layer layer = forward_layer();
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) layer.at(slot).align_bytes = 16;
  set_times({{"toy_64x32", 15}});
  ASSERT_EQ(tune(layer), GEMMACT_OK) << message_;
  sample_run memory(layer);
  order_.clear();
  EXPECT_EQ(gemmact_linear(context_.get(), "relu", memory.at(GEMMACT_X).data, memory.at(GEMMACT_W).data,
                           memory.at(GEMMACT_BIAS).data, memory.at(GEMMACT_Y).data, 5, 7, 3, GEMMACT_F32, nullptr),
            GEMMACT_OK);
  EXPECT_EQ(order_, (std::vector<std::string>{"toy_64x32"}));
}

// Within 1 %, and within the noise, the model decides.
TEST_F(tuning, ties_go_to_the_model) {
  sample_layer layer = forward_layer();
  set_times({{"toy_64x64", 20}, {"toy_64x32", 19.85}});
  ASSERT_EQ(tune(layer), GEMMACT_OK);
  EXPECT_EQ(kernel_of(layer), "toy_64x64");
  set_times({{"toy_64x64", 20}, {"toy_64x32", 19.7}});
  ASSERT_EQ(tune(layer), GEMMACT_OK);
  EXPECT_EQ(kernel_of(layer), "toy_64x32");
}

TEST_F(tuning, noise) {
  sample_layer layer = forward_layer();
  random_source random{3};
  double faster = 19.5;
  us_ = [&](const std::string& kernel, int) {
    if (kernel != "toy_64x64" && kernel != "toy_64x32") return 100.0;
    return (kernel == "toy_64x64" ? 20 : faster) * std::exp(0.3 * random.normal());
  };
  ASSERT_EQ(tune(layer, 1000), GEMMACT_OK);
  EXPECT_EQ(launches_["toy_64x64"], 102) << "the most rounds there are, and a first run";
  EXPECT_EQ(kernel_of(layer), "toy_64x64") << "2.5 % are not seen through 30 %";
  faster = 15;
  ASSERT_EQ(tune(layer, 1000), GEMMACT_OK);
  EXPECT_EQ(kernel_of(layer), "toy_64x32");
}

TEST_F(tuning, rounds_are_interleaved_and_rotated) {
  sample_layer layer = forward_layer();
  set_times({{"toy_64x64", 41}, {"toy_64x32", 42}});
  ASSERT_EQ(tune(layer, 0), GEMMACT_OK);
  const std::string a = "toy_64x64", b = "toy_skinny_16";
  EXPECT_EQ(order_, (std::vector<std::string>{a, b, a, b, b, a, a, b, b, a, a, b, b, a})) << "first runs, six rounds";
  ASSERT_EQ(tune(layer, 1000), GEMMACT_OK);
  ASSERT_EQ(order_.size(), 4u * 102);
  for (size_t i = 4; i < order_.size(); i += 4)
    EXPECT_EQ(std::set<std::string>(order_.begin() + i, order_.begin() + i + 4).size(), 4u) << "each once a round";
  for (size_t i = 8; i < order_.size(); i += 4) EXPECT_NE(order_[i], order_[i - 4]) << "another one begins";
}

TEST_F(tuning, what_is_far_slower_is_left_behind) {
  sample_layer layer = forward_layer();
  set_times({{"toy_64x64", 10}, {"toy_64x32", 12}});
  ASSERT_EQ(tune(layer, 1), GEMMACT_OK);
  EXPECT_EQ(launches_["toy_128x128"], 7);
  EXPECT_EQ(launches_["toy_skinny_16"], 7);
  EXPECT_GT(launches_["toy_64x32"], 15);
  EXPECT_EQ(launches_["toy_64x32"], launches_["toy_64x64"]);
}

// A clock that falls under load: what was left behind while it was high is compared with no later round.
TEST_F(tuning, a_clock_that_falls) {
  sample_layer layer = forward_layer();
  const std::map<std::string, double> us{
      {"toy_64x64", 20}, {"toy_64x32", 20.5}, {"toy_128x128", 25.5}, {"toy_skinny_16", 30}};
  us_ = [&](const std::string& kernel, int) { return us.at(kernel) * (order_.size() > 40 ? 1.3 : 1); };
  ASSERT_EQ(tune(layer, 5), GEMMACT_OK) << message_;
  EXPECT_EQ(launches_["toy_128x128"], 7);
  EXPECT_GT(launches_["toy_64x64"], 50);
  EXPECT_EQ(kernel_of(layer), "toy_64x64");
  expect_part(explanation(layer), "measured 26 us (26 to 26, ");
  expect_part(explanation(layer), "measured 25.5 us (25.5 to 25.5, 6 runs, not with those that decide)");
  reopen();
  EXPECT_EQ(kernel_of(layer), "toy_64x64") << "the disk knows it, too";
}

TEST_F(tuning, budgets) {
  sample_layer layer = forward_layer();
  set_times({});
  ASSERT_EQ(tune(layer, 0.05), GEMMACT_OK);
  EXPECT_EQ(launches_.size(), 2u) << "two are begun in 50 us; more would not tell within them";
  for (double budget_ms : {1.0, 4.0, 8.0}) {
    ASSERT_EQ(tune(layer, budget_ms), GEMMACT_OK);
    EXPECT_EQ(launches_.size(), 4u);
    EXPECT_NEAR(double(order_.size()) * 0.040, budget_ms, 4 * 0.040);
  }
  for (double wrong : {-1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_EQ(tune(layer, wrong), GEMMACT_BAD_SIZE);
    expect_part(message_, "budget_ms is ");
    EXPECT_TRUE(order_.empty());
  }
}

// Before each run memory of twice the L2 is written, outside of what is timed and within the budget.
TEST_F(tuning, the_l2_is_filled_before_each_run) {
  sample_layer layer = forward_layer();
  make_plan(layer);
  fake_.forget();
  fake_.memset_us = 60;
  set_times({{"toy_64x32", 39}});
  int runs = 0;
  before_ = [&](const toy::params&) {
    EXPECT_EQ(fake_.count(call::cuMemsetD8Async), ++runs);
    EXPECT_EQ(std::count_if(fake_.memory.begin(), fake_.memory.end(), [](const auto& m) { return m.second == 2048; }),
              1);
  };
  ASSERT_EQ(tune(layer, 3), GEMMACT_OK) << message_;
  fake_.memset_us = 0;
  EXPECT_NEAR(double(runs) * 0.1, 3, 0.4);
  expect_part(explanation(layer), "tuned, measured 39 us (39 to 39, ");
}

// Only the m of the operands is run, and the choice is the plan's.
TEST_F(tuning, a_smaller_m) {
  sample_layer layer = forward_layer();
  layer.problem.m = 1000;
  layer.problem.flags = GEMMACT_VARIABLE_M;
  set_times({{"toy_64x32", 5}});
  before_ = [](const toy::params& p) { EXPECT_EQ(p.m, 65); };
  sample_run memory(layer);
  memory.operands.m = 65;
  ASSERT_EQ(gemmact_tune(context_.get(), layer.link(), memory.link(), 1), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(kernel_of(layer), "toy_64x32");
}

TEST_F(tuning, memory_of_the_runs) {
  sample_layer layer = forward_layer();
  layer.add(GEMMACT_RESIDUAL);
  sample_run memory(layer);
  auto* y = static_cast<std::byte*>(memory.at(GEMMACT_Y).data) + 20;
  memory.at(GEMMACT_Y).data = y;
  memory.at(GEMMACT_RESIDUAL).data = y;  // in place, as a run may be
  before_ = [&](const toy::params& p) {
    EXPECT_EQ(p.x, memory.at(GEMMACT_X).data);
    EXPECT_NE(p.y, y) << "nothing of the caller's is written";
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p.y) % 256, reinterpret_cast<uintptr_t>(y) % 256);
    auto* workspace = static_cast<unsigned char*>(p.workspace);
    EXPECT_TRUE(std::all_of(workspace, workspace + 4096, [](unsigned char c) { return c == 0; }));
    std::memset(workspace, 1, 4096);  // as if the next kernel's began elsewhere
  };
  ASSERT_EQ(gemmact_tune(context_.get(), layer.link(), memory.link(), 1), GEMMACT_OK) << gemmact_last_error();
  EXPECT_TRUE(memory.untouched());
}

// An executable that sees what it would add to.
class adding final : public core::executable {
 public:
  explicit adding(void* callers) : callers_(callers) {}
  size_t workspace_bytes() const override { return 0; }
  int launches() const override { return 1; }
  std::string family() const override { return "adding"; }
  std::string kernel_name() const override { return "adding"; }
  void workspace_init(void*, void*) const override {}
  void run(const core::run_operands& operands, void*, void*) const override {
    auto* dw = static_cast<float*>(operands.data[2]);
    EXPECT_NE(dw, callers_);
    for (int i = 0; i < 21; ++i) EXPECT_EQ(dw[i], 0) << i;
    for (int i = 0; i < 21; ++i) dw[i] += 1;
  }

 private:
  void* callers_;
};

TEST_F(tuning, what_is_accumulated_begins_at_zero) {
  sample_layer layer = weight_grad_layer();
  layer.problem.flags = GEMMACT_ACCUMULATE_DW;
  const core::problem p = core::check_problem(layer.link(), plan::functions());
  sample_run memory(layer);
  void* data[core::max_tensors];
  const core::run_operands operands = core::check_operands(p, memory.link(), data);
  std::vector<std::unique_ptr<core::executable>> one;
  one.push_back(std::make_unique<adding>(memory.at(GEMMACT_DW).data));
  std::vector<core::timing> timings(1);
  plan::tuner(*here_, 1024, p, operands).time(one, 1, timings);
  EXPECT_EQ(timings[0].runs, 6);
  EXPECT_TRUE(memory.untouched());
}

TEST_F(tuning, one_that_fails_is_left_out) {
  sample_layer layer = forward_layer();
  set_times({{"toy_64x32", 9}, {"toy_64x64", 10}});
  for (int failing_launch : {1, 3, 7}) {
    result_ = [&](const std::string& kernel, int launch) {
      return kernel == "toy_64x32" && launch == failing_launch ? 701 : 0;
    };
    reopen();
    ASSERT_EQ(tune(layer), GEMMACT_OK) << message_;
    EXPECT_EQ(launches_["toy_64x32"], failing_launch) << "no more of it";
    EXPECT_EQ(kernel_of(layer), "toy_64x64");
    expect_part(explanation(layer), "could not be timed: launching toy_64x32 (2 x 1 x 1 blocks of 256 threads");
    reopen();
    EXPECT_EQ(kernel_of(layer), "toy_64x64") << "its failure is this process's alone, its times are gone";
    EXPECT_EQ(explanation(layer).find("could not be timed"), std::string::npos);
  }
}

TEST_F(tuning, all_fail) {
  sample_layer layer = forward_layer();
  result_ = [](const std::string&, int) { return 701; };
  EXPECT_EQ(tune(layer), GEMMACT_DEVICE_FAILED);
  expect_part(message_, "launching toy_64x64 (");
  expect_part(message_, "the device can still be used");
  EXPECT_EQ(explanation(layer).find("timed"), std::string::npos) << "nothing is remembered";
  EXPECT_TRUE(folder_.files_with(".tuned").empty());
  result_ = [](const std::string&, int) { return 0; };
  EXPECT_EQ(tune(layer), GEMMACT_OK);
}

TEST_F(tuning, a_fault_in_the_middle) {
  sample_layer layer = forward_layer();
  for (int launch : {1, 5}) {
    result_ = [&](const std::string& kernel, int number) {
      if (kernel != "toy_64x32" || number != launch) return 0;
      fake_.sticky = 700;
      return 700;
    };
    EXPECT_EQ(tune(layer), GEMMACT_DEVICE_FAULT);
    expect_part(message_, "launching toy_64x32 (");
    expect_part(message_, "the GPU cannot be used in this process any more");
    fake_.sticky = 0;
    EXPECT_TRUE(folder_.files_with(".tuned").empty());
    EXPECT_EQ(kernel_of(layer), "toy_64x64") << "nothing is remembered";
    // Memory that could not be given back to a device that is lost.
    for (const auto& [memory, bytes] : fake_.memory) std::free(memory);
    fake_.memory.clear();
  }
}

// Events and waits are where a fault of the kernels is told.
TEST_F(tuning, what_the_driver_may_answer) {
  sample_layer layer = forward_layer();
  make_plan(layer);
  struct row {
    call function;
    gemmact_status status;
  };
  for (const row& r :
       {row{call::cuEventCreate, GEMMACT_DEVICE_FAILED}, row{call::cuStreamSynchronize, GEMMACT_DEVICE_FAILED},
        row{call::cuEventElapsedTime, GEMMACT_DEVICE_FAILED}, row{call::cuMemAllocAsync, GEMMACT_OUT_OF_MEMORY}}) {
    fake_.fail_next(r.function, r.status == GEMMACT_OUT_OF_MEMORY ? 2 : 999);
    EXPECT_EQ(tune(layer), r.status) << message_;
    EXPECT_TRUE(folder_.files_with(".tuned").empty());
    EXPECT_EQ(fake_.events, 0);
    EXPECT_TRUE(fake_.memory.empty());
  }
  fake_.fail_next(call::cuEventRecord, 999, 1000);
  EXPECT_EQ(tune(layer), GEMMACT_DEVICE_FAILED);
  fake_.forget();
  EXPECT_EQ(tune(layer), GEMMACT_OK) << message_;
}

TEST_F(tuning, configurations_without_a_kernel_are_left_out) {
  sample_layer layer = forward_layer();
  toy::write_pack(folder_ / "some.pack", "sm_90", {"128x128", "64x32"});
  jit::compiler_options options;
  options.packs = {folder_ / "some.pack"};
  options.nvrtc = "/nonexistent/libnvrtc.so";
  open(options);
  set_times({{"toy_128x128", 5}});
  ASSERT_EQ(tune(layer), GEMMACT_OK) << message_;
  EXPECT_EQ(launches_.size(), 2u);
  EXPECT_EQ(kernel_of(layer), "toy_128x128");
  options.packs.clear();
  open(options);
  EXPECT_EQ(tune(layer), GEMMACT_NO_COMPILER);
}

// There is no file of the toys' kernels to compile.
TEST_F(tuning, configurations_that_do_not_compile_are_left_out) {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    GTEST_SKIP() << failure.what();
  }
  sample_layer layer = forward_layer();
  toy::write_pack(folder_ / "some.pack", "sm_90", {"128x128", "64x32"});
  jit::compiler_options options;
  options.packs = {folder_ / "some.pack"};
  open(options);
  set_times({{"toy_128x128", 5}});
  ASSERT_EQ(tune(layer), GEMMACT_OK) << message_;
  EXPECT_EQ(launches_.size(), 2u);
  EXPECT_EQ(kernel_of(layer), "toy_128x128");
  expect_part(explanation(layer), "toy_64x64; does not compile cleanly, and is not taken");
}

TEST_F(tuning, captures_are_left_alone) {
  sample_layer layer = forward_layer();
  make_plan(layer);
  fake_.begin_capture(stream(1));
  EXPECT_EQ(tune(layer), GEMMACT_STREAM_CAPTURING);
  EXPECT_TRUE(order_.empty());
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
}

TEST_F(tuning, a_described_device_refuses) {
  context_->device =
      std::make_unique<plan::gpu_device>(plan::gpu_of_architecture(90), nullptr, toy::rows(), jit::compiler_options{});
  sample_layer layer = forward_layer();
  EXPECT_EQ(tune(layer), GEMMACT_NO_DEVICE);
}

// One after the other: two at once would time each other. ThreadSanitizer has the last word.
TEST_F(tuning, several_threads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> all;
  for (int t = 0; t < 8; ++t)
    all.emplace_back([&, t] {
      sample_layer layer = forward_layer();
      layer.problem.m = 5 + t % 2;
      sample_run memory(layer);
      wrong += gemmact_tune(context_.get(), layer.link(), memory.link(), 0) != GEMMACT_OK;
      gemmact_plan* plan = nullptr;
      wrong += gemmact_plan_create(context_.get(), layer.link(), &plan) != GEMMACT_OK;
      gemmact_plan_destroy(plan);
    });
  for (std::thread& t : all) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(folder_.files_with(".tuned").size(), 2u);
}

}  // namespace
}  // namespace gemmact::test

// Which family and configuration is taken, what is said of the others, and where its code comes from.
#include "host/plan/gpu_choice.hpp"

#include <fmt/format.h>

#include "host/core/status.hpp"
#include "host/jit/nvrtc.hpp"
#include "host/plan/explain.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_layer.hpp"
#include "tests/host/plan/gpu_fixture.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

core::problem checked(sample_layer& layer) { return core::check_problem(layer.link(), plan::functions()); }

TEST(gpu_layers, are_the_problem) {
  sample_layer l = forward_layer("leaky_relu(slope=0.25)");
  l.add(GEMMACT_KEPT, GEMMACT_BIT).add(GEMMACT_RESIDUAL, GEMMACT_BF16);
  l.at(GEMMACT_X).ld = 40;
  l.at(GEMMACT_X).align_bytes = 16;
  l.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
  l.problem.accuracy = GEMMACT_FAST;
  l.problem.flags = GEMMACT_VARIABLE_M;
  const core::problem p = checked(l);
  const families::layer layer = plan::gpu_layer(p);
  EXPECT_EQ(layer.what, families::operation::forward);
  EXPECT_EQ(layer.mode, accuracy::fast);
  EXPECT_TRUE(layer.m_varies);
  EXPECT_FALSE(layer.batch_invariant);
  EXPECT_EQ(layer.m * 10000 + layer.n * 100 + layer.k, 50703);
  EXPECT_EQ(layer.activation.name, "leaky_relu");
  EXPECT_EQ(layer.activation.param_count, 1);
  EXPECT_EQ(layer.activation.params[0], 0.25f);
  EXPECT_EQ(layer.kept, families::keep::bit);
  ASSERT_EQ(layer.operands.size(), p.tensors.size());
  const families::operand* x = layer.find(families::slot::x);
  EXPECT_EQ(x->row_stride, 40);
  EXPECT_EQ(x->align_bytes, 16u);
  EXPECT_EQ(x->type, families::element::f32);
  EXPECT_EQ(layer.find(families::slot::w)->row_stride, 1);
  EXPECT_EQ(layer.find(families::slot::bias)->spread, families::extent::per_column);
  EXPECT_EQ(layer.find(families::slot::kept)->type, families::element::bit);
  EXPECT_TRUE(layer.find(families::slot::y)->output);
  EXPECT_FALSE(layer.find(families::slot::x)->output);
  EXPECT_EQ(layer.find(families::slot::target), nullptr);
  for (const families::operand& o : layer.operands) EXPECT_EQ(p.tensors[size_t(o.binding)].slot, uint32_t(o.what));
  sample_layer below = below_layer();
  const families::layer gradient = plan::gpu_layer(checked(below));
  EXPECT_NE(gradient.find(families::slot::kept, 0, true), nullptr);
  EXPECT_EQ(gradient.find(families::slot::kept), nullptr);
}

TEST(gpu_units, architectures_go_down_within_a_generation) {
  families::candidate c;
  using list = std::vector<std::string>;
  EXPECT_EQ(plan::architectures_for(c, 89), (list{"sm_89", "sm_86", "sm_80"}));
  EXPECT_EQ(plan::architectures_for(c, 80), (list{"sm_80"}));
  EXPECT_EQ(plan::architectures_for(c, 90), (list{"sm_90"}));
  for (int tegra : {87, 88, 101, 110})
    EXPECT_EQ(plan::architectures_for(c, tegra), (list{"sm_" + std::to_string(tegra)}));
  EXPECT_EQ(plan::architectures_for(c, 121), (list{"sm_121", "sm_120"}));
  EXPECT_EQ(plan::architectures_for(c, 107), (list{"sm_107", "sm_103", "sm_100"}));
  c.exact_architecture = true;
  EXPECT_EQ(plan::architectures_for(c, 90), (list{"sm_90a"}));
}

// The picks that are tried where all fail, by their numbers.
TEST(first_clean, passes_over_what_holds_as_many_values) {
  const plan::gpu_family *a = &toy::rows()[0], *b = &toy::rows()[1];
  const uint32_t values[] = {64, 64, 128, 32, 64, 48, 16, 0, 0};
  const plan::gpu_family* const of[] = {a, a, a, a, b, b, a, b, b};
  std::vector<families::candidate> candidates(std::size(values));
  std::vector<plan::gpu_pick> picks;
  for (size_t i = 0; i < std::size(values); ++i) {
    candidates[i].values = values[i];
    picks.push_back({of[i], &candidates[i], nullptr});
  }
  std::vector<size_t> tried;
  const auto make = [&](size_t works) {
    tried.clear();
    return plan::first_clean(
        std::span<const plan::gpu_pick>(picks), [&](const plan::gpu_pick& pick) { return &pick != &picks[5]; },
        [&](const plan::gpu_pick& pick) {
          tried.push_back(size_t(&pick - picks.data()));
          if (tried.back() != works) core::fail(GEMMACT_COMPILE_FAILED, "number {} spills", tried.back());
          return tried.back();
        });
  };
  EXPECT_EQ(make(0), 0u);
  EXPECT_EQ(make(6), 6u);
  EXPECT_EQ(tried, (std::vector<size_t>{0, 3, 4, 6}));
  EXPECT_EQ(refusal(GEMMACT_COMPILE_FAILED, [&] { make(99); }), "number 0 spills");
  EXPECT_EQ(tried, (std::vector<size_t>{0, 3, 4, 6, 7, 8})) << "of which nothing is told";
}

std::string sines(int count) {
  std::string text = "sin(x)";
  for (int i = 2; i <= count; ++i) text += fmt::format("+sin({}*x)", i);
  return text;
}

// The length of a function decides which tiles can have it, and whether any.
TEST(gpu_choice, functions_are_too_long_for_large_tiles) {
  const families::gpu h100 = plan::gpu_of_architecture(90);
  const auto most_values = [&](const std::string& text, std::string* refusals) {
    sample_layer l(GEMMACT_FORWARD, text.c_str());
    for (uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) l.add(slot, GEMMACT_BF16).at(slot).align_bytes = 16;
    l.problem.m = l.problem.n = l.problem.k = 4096;
    const plan::gpu_choice choice(plan::gpu_families(), h100, checked(l));
    uint32_t most = 0;
    for (const plan::gpu_answer& a : choice.answers())
      for (const families::candidate& c : a.candidates) most = std::max(most, c.values);
    *refusals = choice.refusals();
    return most;
  };
  std::string refusals;
  EXPECT_EQ(most_values("gelu", &refusals), 192u);
  EXPECT_EQ(most_values(sines(2), &refusals), 192u);
  const uint32_t of_twenty = most_values(sines(20), &refusals);
  EXPECT_LT(of_twenty, 64u);
  EXPECT_GT(of_twenty, 8u);
  expect_part(refusals, "gemm_sm90 (its function takes about ");
  EXPECT_EQ(most_values(sines(330), &refusals), 0u);
  expect_part(refusals, "gemm_simt (its function takes about ");
}

TEST(gpu_facts, of_architectures) {
  EXPECT_EQ(plan::gpu_of_architecture(90).model, "NVIDIA H100 SXM");
  const families::gpu other = plan::gpu_of_architecture(120);
  EXPECT_EQ(other.architecture, 120);
  EXPECT_EQ(other.shared_block_bytes, 99 * 1024);
  for (const plan::described_gpu& gpu : plan::described_gpus()) {
    EXPECT_GT(gpu.facts.bandwidth_gb_per_s, 700) << gpu.name;
    EXPECT_GT(gpu.facts.mma_flop_per_clock, 1000) << gpu.name;
  }
}

TEST(gpu_facts, that_a_driver_does_not_tell) {
  cuda::device_facts facts = cuda::context::open(cuda::driver::instance(), 0).facts();
  const families::gpu told = plan::gpu_of(facts), sheet = plan::gpu_of_architecture(90);
  EXPECT_NEAR(told.clock_ghz, 1.83, 1e-9);
  EXPECT_NEAR(told.bandwidth_gb_per_s, 0.93 * 2.619 * 2 * 5120 / 8, 1e-6);
  facts.clock_khz = facts.memory_clock_khz = facts.l2_bytes = 0;
  families::gpu untold = plan::gpu_of(facts);
  EXPECT_EQ(untold.clock_ghz, sheet.clock_ghz);
  EXPECT_EQ(untold.bandwidth_gb_per_s, sheet.bandwidth_gb_per_s);
  EXPECT_EQ(untold.l2_bytes, sheet.l2_bytes);
  EXPECT_EQ(untold.model, "Fake GPU");
  facts.memory_clock_khz = 2619000, facts.memory_bus_bits = 0, facts.major = 12;
  EXPECT_GT(plan::gpu_of(facts).bandwidth_gb_per_s, 0) << "of an architecture without a sheet";
}

class gpu_choices : public gpu_fixture {
 protected:
  std::string kernel_of(sample_layer& layer) {
    const plan_handle plan = make_plan(layer);
    return plan == nullptr ? "" : plan->executable->kernel_name();
  }
  std::string explanation(sample_layer& layer) {
    return plan::explain("cuda:0", *context_->device, layer.link(), plan::functions());
  }
  void TearDown() override {
    ::unsetenv("GEMMACT_PLAN");
    gpu_fixture::TearDown();
  }
};

TEST_F(gpu_choices, the_cheapest_and_then_the_first_row) {
  sample_layer layer = forward_layer();
  EXPECT_EQ(kernel_of(layer), "toy_64x64") << "20 us in both families: the first row's";
  layer.problem.m = layer.problem.n = 1000;
  EXPECT_EQ(kernel_of(layer), "toy_128x128");
}

// There is no file of the toys' kernels to compile.
TEST_F(gpu_choices, the_next_configuration_where_one_does_not_compile) {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    GTEST_SKIP() << failure.what();
  }
  toy::write_pack(folder_ / "one.pack", "sm_90", {"64x32"});
  context_ = make_context({folder_ / "one.pack"}, "");
  sample_layer layer = forward_layer();
  EXPECT_EQ(kernel_of(layer), "toy_64x32") << "25 us, of which there is code";
  EXPECT_NE(explanation(layer).find("toy_64x64; does not compile cleanly, and is not taken"), std::string::npos)
      << explanation(layer);
  ::setenv("GEMMACT_PLAN", "toy:128x128", 1);
  make_plan(layer, GEMMACT_COMPILE_FAILED);
  EXPECT_NE(message_.find("toy_128x128"), std::string::npos) << message_;
}

TEST_F(gpu_choices, the_override) {
  sample_layer layer = forward_layer();
  for (auto [wanted, kernel] : {std::pair{"toy_skinny", "toy_skinny_16"},
                                {"toy", "toy_64x64"},
                                {"toy:64x32", "toy_64x32"},
                                {"toy:128x128", "toy_128x128"},
                                {"toy_never,toy_skinny", "toy_skinny_16"},
                                {"toy:64x32,toy:128x128", "toy_64x32"}}) {
    ::setenv("GEMMACT_PLAN", wanted, 1);
    EXPECT_EQ(kernel_of(layer), kernel);
  }
  const auto refused = [&](const char* wanted) {
    ::setenv("GEMMACT_PLAN", wanted, 1);
    make_plan(layer, GEMMACT_NOT_SUPPORTED);
    return message_;
  };
  EXPECT_EQ(refused("toy:1x1"),
            "GEMMACT_PLAN is \"toy:1x1\", but that family offers for this problem the tiles: 64x64, 64x32, 128x128");
  EXPECT_EQ(refused("toy_never"), "GEMMACT_PLAN is \"toy_never\", and that family refuses the problem: it never does");
  EXPECT_EQ(refused("cpu"),
            "GEMMACT_PLAN is \"cpu\", but this device has only the families: toy_never, toy, toy_skinny");
  EXPECT_EQ(refused("toy,nope"),
            "GEMMACT_PLAN is \"toy,nope\", but this device has only the families: toy_never, toy, toy_skinny");
  EXPECT_EQ(
      refused("toy_never,toy:1x1"),
      "GEMMACT_PLAN is \"toy_never,toy:1x1\", and none of them takes the problem (toy_never: that family refuses the "
      "problem: it never does; toy: that family offers for this problem the tiles: 64x64, 64x32, 128x128)");
}

TEST_F(gpu_choices, refusals_have_each_familys_reason) {
  sample_layer layer = maxout_layer(2);
  make_plan(layer, GEMMACT_NOT_SUPPORTED);
  EXPECT_EQ(
      message_,
      "no kernel family takes this problem on Fake GPU: toy_never (it never does); toy (it is for plain forward); "
      "toy_skinny (it is for plain forward)");
}

TEST_F(gpu_choices, explanations) {
  sample_layer layer = forward_layer();
  layer.add(GEMMACT_RESIDUAL);
  const std::string text = explanation(layer);
  EXPECT_EQ(
      text.substr(text.find("Families:")),
      "Families:\n"
      "  toy_never: refused, it never does\n"
      "  toy: toy_64x64; tile 64x64, 20 us: product 10, memory 0, special functions 0, epilogue 0; 1.5 waves\n"
      "    64x64: 20 us: product 10, memory 0, special functions 0, epilogue 0; 1.5 waves, toy_64x64; 42 registers, "
      "compiled for sm_90 (pack)\n"
      "    64x32: 25 us: product 12.5, memory 0, special functions 0, epilogue 0; 1.5 waves, toy_64x32; 42 "
      "registers, compiled for sm_90 (pack)\n"
      "    128x128: 30 us: product 15, memory 0, special functions 0, epilogue 0; 1.5 waves, toy_128x128; 42 "
      "registers, compiled for sm_90 (pack)\n"
      "  toy_skinny: could take it too, toy_skinny_16; tile 16, 20 us: product 10, memory 0, special functions 0, "
      "epilogue 0; 1.5 waves\n"
      "    16: 20 us: product 10, memory 0, special functions 0, epilogue 0; 1.5 waves, toy_skinny_16; 42 "
      "registers, compiled for sm_90 (pack)\n"
      "Launches: 1. Workspace: 4096 bytes.\n");
  EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 0) << "nothing is loaded to explain";
}

TEST_F(gpu_choices, without_a_compiler_what_a_pack_has_is_taken) {
  sample_layer layer = forward_layer();
  toy::write_pack(folder_ / "one.pack", "sm_90", {"128x128"});
  context_ = make_context({folder_ / "one.pack"});
  EXPECT_EQ(kernel_of(layer), "toy_128x128") << "the cheapest of those that are there";
  context_ = make_context({});
  make_plan(layer, GEMMACT_NO_COMPILER);
  expect_part(message_, "install NVRTC");
  toy::write_pack(folder_ / "other.pack", "sm_80");
  context_ = make_context({folder_ / "other.pack"});
  make_plan(layer, GEMMACT_NO_COMPILER);
}

// What explain marks is what a plan takes, whatever there is.
TEST_F(gpu_choices, explain_and_plans_agree) {
  sample_layer layer = forward_layer();
  using tiles = std::vector<std::string>;
  for (const tiles& there : {tiles{"128x128", "64x64", "64x32", "16"}, tiles{"128x128"}, tiles{"128x128", "64x32"},
                             tiles{"16"}, tiles{"128x128", "16"}}) {
    toy::write_pack(folder_ / "some.pack", "sm_90", there);
    context_ = make_context({folder_ / "some.pack"});
    const std::string text = explanation(layer), kernel = kernel_of(layer);
    const std::string family = kernel == "toy_skinny_16" ? "toy_skinny" : "toy";
    expect_part(text, ("\n  " + family + ": " + kernel + "; tile").c_str());
  }
}

TEST_F(gpu_choices, explanations_have_what_was_wrong) {
  sample_layer layer = forward_layer();
  std::string bytes = read_bytes(folder_ / "toy.pack");
  bytes[bytes.find("FAKE toy_64x32") + 7] ^= 4;
  write_bytes(folder_ / "toy.pack", bytes);
  context_ = make_context({folder_ / "toy.pack"});
  expect_part(
      explanation(layer),
      ("1.5 waves, toy_64x32; pack " + (folder_ / "toy.pack") + " is damaged where it has kernel toy_64x32\n").c_str());
}

TEST_F(gpu_choices, a_described_device_plans_and_cannot_run) {
  context_->device =
      std::make_unique<plan::gpu_device>(plan::gpu_of_architecture(80), nullptr, toy::rows(), jit::compiler_options{});
  sample_layer layer = forward_layer();
  layer.add(GEMMACT_RESIDUAL);
  const plan_handle plan = make_plan(layer);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->workspace_bytes, 4096u);
  sample_run memory(layer);
  EXPECT_EQ(run(plan.get(), memory), GEMMACT_NO_DEVICE);
  EXPECT_EQ(gemmact_workspace_init(plan.get(), memory.workspace, nullptr), GEMMACT_NO_DEVICE);
  float x[64] = {};
  EXPECT_EQ(gemmact_linear(context_.get(), "relu", x, x, nullptr, x + 32, 2, 2, 2, GEMMACT_F32, nullptr),
            GEMMACT_NO_DEVICE);
}

}  // namespace
}  // namespace gemmact::test

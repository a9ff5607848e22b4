// Packs: which kernels problems need, and their way into a file and out of it. The toy kernels are "compiled" by another
// pack.
#include "host/plan/pack.hpp"

#include <gtest/gtest.h>

#include <set>

#include "host/plan/functions.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/toy_family.hpp"

namespace gemmact::test {
namespace {

class packs : public ::testing::Test {
 protected:
  void SetUp() override {
    toy::write_pack(folder_ / "80.pack", "sm_80");
    toy::write_pack(folder_ / "90.pack", "sm_90");
    options_.packs = {folder_ / "80.pack", folder_ / "90.pack"};
    options_.nvrtc = "/nonexistent/libnvrtc.so";
  }
  core::problem problem(int64_t m, gemmact_operation operation = GEMMACT_FORWARD) {
    sample_layer l = operation == GEMMACT_FORWARD ? forward_layer() : weight_grad_layer();
    l.problem.m = m;
    l.problem.n = 1000;
    return core::check_problem(l.link(), plan::functions());
  }
  std::vector<plan::packed_kernel> make(const std::vector<core::problem>& problems, std::vector<int> architectures) {
    return plan::make_pack(problems, architectures, folder_ / "my.pack", toy::rows(), options_);
  }
  static std::set<std::string> names(const std::vector<plan::packed_kernel>& kernels) {
    std::set<std::string> all;
    for (const plan::packed_kernel& k : kernels) all.insert(k.name + " " + k.architecture);
    return all;
  }
  temporary_folder folder_;
  jit::compiler_options options_;
};

TEST_F(packs, have_each_kernel_once) {
  const auto made = make({problem(1000), problem(50), problem(1001)}, {80, 90});
  const std::set<std::string> expected{"toy_128x128 sm_80", "toy_128x128 sm_90", "toy_64x64 sm_80", "toy_64x64 sm_90"};
  EXPECT_EQ(names(made), expected);
  EXPECT_EQ(made.size(), expected.size());
  const auto listed = plan::list_pack(folder_ / "my.pack");
  EXPECT_EQ(names(listed), expected);
  EXPECT_EQ(listed[0].registers, 42u);
  EXPECT_EQ(listed[0].bytes, made[0].bytes);
}

// What a plan looks for is what was packed.
TEST_F(packs, are_found_by_plans) {
  make({problem(50)}, {90});
  jit::compiler_options options;
  options.packs = {folder_ / "my.pack"};
  options.nvrtc = options_.nvrtc;
  jit::compiler compiler(options);
  EXPECT_NE(plan::find_binary(compiler, toy::candidate("toy", "64x64", 1), 90), nullptr);
  EXPECT_EQ(plan::find_binary(compiler, toy::candidate("toy", "64x64", 1), 80), nullptr);
  EXPECT_EQ(plan::find_binary(compiler, toy::candidate("toy", "128x128", 1), 90), nullptr);
}

TEST_F(packs, of_an_older_architecture_serve_a_newer_device) {
  make({problem(50)}, {80});
  jit::compiler_options options;
  options.packs = {folder_ / "my.pack"};
  options.nvrtc = options_.nvrtc;
  jit::compiler compiler(options);
  const auto found = plan::get_binary(compiler, toy::candidate("toy", "64x64", 1), 89);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->code->architecture, "sm_80");
  EXPECT_EQ(found->code, plan::get_binary(compiler, toy::candidate("toy", "64x64", 1), 89)->code);
  refusal(GEMMACT_NO_COMPILER, [&] { plan::get_binary(compiler, toy::candidate("toy", "64x64", 1), 90); });
}

// NVRTC's stand-in knows sm_80 and sm_89.
TEST_F(packs, of_an_older_architecture_wait_for_a_missing_compiler) {
  jit::compiler_options options;
  options.packs = {folder_ / "80.pack"};
  options.nvrtc = GEMMACT_FAKES "/plain/libnvrtc.so";
  options.cache_dir = folder_ / "cache";
  const auto architecture = [&](const char* tile, int device) {
    jit::compiler compiler(options);
    return plan::get_binary(compiler, toy::candidate("toy", tile, 1), device)->code->architecture;
  };
  EXPECT_EQ(architecture("64x64", 80), "sm_80");
  EXPECT_EQ(architecture("64x64", 86), "sm_80");
  EXPECT_EQ(architecture("64x64", 89), "sm_89");
  // The same of what another device has left in a disk cache that both share.
  options.packs = {};
  EXPECT_EQ(architecture("64x32", 80), "sm_80");
  jit::compiler compiler(options);
  EXPECT_EQ(plan::find_binary(compiler, toy::candidate("toy", "64x32", 1), 89), nullptr);
  EXPECT_EQ(architecture("64x32", 89), "sm_89");
}

TEST_F(packs, that_are_missing_are_the_own_architectures) {
  jit::compiler_options options;
  options.nvrtc = options_.nvrtc;
  jit::compiler compiler(options);
  expect_part(refusal(GEMMACT_NO_COMPILER, [&] { plan::get_binary(compiler, toy::candidate("toy", "64x64", 1), 89); }),
              "kernel toy_64x64 for sm_89 is in no pack");
}

TEST_F(packs, refusals) {
  EXPECT_EQ(
      refusal(GEMMACT_NOT_SUPPORTED,
              [&] {
                make({problem(50), problem(50, GEMMACT_WEIGHT_GRAD)}, {90});
              }),
      "problems[1]: no kernel family takes it on sm_90: toy_never (it never does); toy (it is for plain forward); "
      "toy_skinny (it is for m up to 16)");
  expect_part(refusal(GEMMACT_NO_COMPILER, [&] { make({problem(50)}, {86}); }),
              "problems[0]: kernel toy_64x64 for sm_86");
  EXPECT_TRUE(folder_.files_with("my.pack").empty()) << "nothing half made is there";
  refusal(GEMMACT_BAD_FILE, [&] { plan::list_pack(folder_ / "my.pack"); });
}

TEST_F(packs, architectures) {
  EXPECT_EQ(plan::architecture_number("sm_80"), 80);
  EXPECT_EQ(plan::architecture_number("sm_90a"), 90);
  for (const char* text : {"", "sm_", "90", "sm_90b", "sm_9 0", "sm_1", "sm_75", "sm_99999999999", "compute_90"})
    EXPECT_NE(refusal(GEMMACT_BAD_DEVICE, [&] { plan::architecture_number(text); }), "");
}

}  // namespace
}  // namespace gemmact::test

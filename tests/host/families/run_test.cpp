// From problems to launches of gemm_sm80 on a fake GPU, which computes nothing: what a kernel would be given, and that tests
// on a GPU move their memory as they should and notice what is not computed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/core/status.hpp"
#include "host/cuda/context.hpp"
#include "host/jit/nvrtc.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_layer.hpp"
#include "tests/host/families/units.hpp"
#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/tile_cases.hpp"
#include "tests/support/fake_cuda/loaded.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gemm_sm80;
using call = fake_cuda::function;

class gemm_sm80_run : public ::testing::Test {
 protected:
  void SetUp() override {
    fake_.forget();
    fake_.cubin_params_bytes = sizeof(family::params);
  }

  bool can_compile() {
    try {
      jit::nvrtc::load("");
      return true;
    } catch (const core::failure& failure) {
      fmt::print("{}\n", failure.what());
      return false;
    }
  }

  // The launch and the argument that the family prepares for these operands.
  static families::launch prepared(sample_layer& layer, sample_run& run, void* workspace,
                                   families::params_bytes& bytes) {
    const families::layer l = layer_of(layer);
    const families::gpu gpu = plan::gpu_of(cuda::context::open(cuda::driver::instance(), 0).facts());
    const families::candidate chosen = family::candidates(l, gpu).at(0);
    std::vector<void*> data(l.operands.size());
    for (const families::operand& o : l.operands) data.at(size_t(o.binding)) = run.at(uint32_t(o.what)).data;
    const i64 m = run.operands.m == 0 ? l.m : run.operands.m;
    return family::prepare({l, gpu, chosen, m, data.data(), workspace}, bytes);
  }

  void check(sample_layer layer, int64_t m = 0) {
    SCOPED_TRACE(fmt::format("{} x {} x {}", layer.problem.m, layer.problem.n, layer.problem.k));
    gemmact_plan* plan = nullptr;
    ASSERT_EQ(gemmact_plan_create(device_.context(), layer.link(), &plan), GEMMACT_OK) << gemmact_last_error();
    sample_run run(layer, size_t{1} << 22);
    run.operands.m = m;
    fake_.forget();
    gemmact_plan_info info{};
    info.struct_bytes = sizeof info;
    ASSERT_EQ(gemmact_plan_get_info(plan, &info), GEMMACT_OK);
    guarded_buffer workspace(device_.memory(), info.workspace_bytes, 256);
    void* memory = info.workspace_bytes == 0 ? nullptr : workspace.device();
    EXPECT_EQ(gemmact_run(plan, run.link(), memory, nullptr), GEMMACT_OK) << gemmact_last_error();
    gemmact_plan_destroy(plan);
    ASSERT_EQ(fake_.launches.size(), 1u);
    const fake_cuda::launch& l = fake_.launches[0];
    families::params_bytes bytes;
    const families::launch wanted = prepared(layer, run, memory, bytes);
    EXPECT_EQ(l.params, std::vector<unsigned char>(reinterpret_cast<const unsigned char*>(bytes.bytes),
                                                   reinterpret_cast<const unsigned char*>(bytes.bytes) + bytes.size));
    family::params given;
    ASSERT_EQ(l.params.size(), sizeof given);
    std::memcpy(&given, l.params.data(), sizeof given);
    EXPECT_EQ(given.m, m == 0 ? layer.problem.m : m);
    EXPECT_EQ(given.n, layer.problem.n);
    EXPECT_EQ(l.threads, wanted.threads);
    EXPECT_EQ(l.shared_bytes, wanted.shared_bytes);
    // A block has a tile at least, and all blocks run at once.
    EXPECT_GE(l.grid[0], 1u);
    EXPECT_LE(l.grid[0], families::units_of(given.work));
    EXPECT_LE(l.grid[0] * l.shared_bytes, 132u * 228 * 1024);
    EXPECT_EQ(l.grid[1] * l.grid[2], 1u);
  }

  fake_cuda::state& fake_ = fake_cuda::loaded();
  test_device device_{"cuda:0"};
  forced_plan family_{"gemm_sm80"};
};

TEST_F(gemm_sm80_run, launches_what_the_family_prepares) {
  if (!can_compile()) GTEST_SKIP() << "NVRTC is not on this machine";
  check(bf16_layer("swish", 64));
  check(bf16_layer("swish", 1000));
  sample_layer kept = bf16_layer("leaky_relu(slope=0.5)", 257, 2);
  kept.add(GEMMACT_KEPT, GEMMACT_BIT).add(GEMMACT_RESIDUAL, GEMMACT_F32);
  kept.at(GEMMACT_Y).ld = 260;
  check(kept);
  sample_layer variable = bf16_layer("gelu", 300);
  variable.problem.flags = GEMMACT_VARIABLE_M;
  check(variable, 1);
  check(variable, 300);
}

// The second of two equal plans compiles and loads nothing.
TEST_F(gemm_sm80_run, is_compiled_once) {
  if (!can_compile()) GTEST_SKIP() << "NVRTC is not on this machine";
  sample_layer layer = bf16_layer("mish", 96);
  gemmact_plan* plans[2] = {};
  ASSERT_EQ(gemmact_plan_create(device_.context(), layer.link(), &plans[0]), GEMMACT_OK) << gemmact_last_error();
  fake_.forget();
  ASSERT_EQ(gemmact_plan_create(device_.context(), layer.link(), &plans[1]), GEMMACT_OK);
  EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 0);
  for (gemmact_plan* plan : plans) gemmact_plan_destroy(plan);
}

// gemmact_linear promises what its pointers have, each for itself: an odd bias takes nothing from X and W.
TEST_F(gemm_sm80_run, linear_copies_as_wide_as_its_memory_allows) {
  if (!can_compile()) GTEST_SKIP() << "NVRTC is not on this machine";
  alignas(64) static uint16_t memory[4 * 64 * 64];
  const auto kernel = [&](int64_t x, int64_t bias, int64_t k) {
    fake_.forget();
    EXPECT_EQ(gemmact_linear(device_.context(), "relu", memory + x, memory + 64 * 64, memory + 2 * 64 * 64 + bias,
                             memory + 3 * 64 * 64, 8, 64, k, GEMMACT_BF16, nullptr),
              GEMMACT_OK)
        << gemmact_last_error();
    return fake_.launches.at(0).kernel;
  };
  const std::string widest = kernel(0, 1, 64);
  EXPECT_EQ(widest.find("_align"), widest.npos) << widest;
  EXPECT_NE(kernel(4, 0, 64).find("_align8"), widest.npos);
  EXPECT_NE(kernel(1, 0, 64).find("_align2"), widest.npos);
  EXPECT_NE(kernel(0, 0, 62).find("_align4"), widest.npos) << "rows of 124 bytes";
}

TEST_F(gemm_sm80_run, memory_of_tests_is_aligned_guarded_and_given_back) {
  {
    guarded_buffer buffer(device_.memory(), 100, 16), other(device_.memory(), 5, 0);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.device()) % 4096, 16u);
    buffer.before()[3] = 7;
    buffer.upload();
    buffer.download();
    EXPECT_EQ(buffer.after()[3], 7);
    EXPECT_EQ(buffer.stray_write(nullptr), "");
    static_cast<uint8_t*>(buffer.device())[100] = 0;  // the fake device's memory is the host's
    buffer.download();
    EXPECT_NE(buffer.stray_write(nullptr), "");
    EXPECT_EQ(fake_.memory.size(), 2u);
  }
  EXPECT_TRUE(fake_.memory.empty());
}

TEST_F(gemm_sm80_run, a_layer_that_nothing_computes_is_noticed) {
  if (!can_compile()) GTEST_SKIP() << "NVRTC is not on this machine";
  for (const uint64_t index : {0, 1, 2}) {
    layer l = make_tile_case(index);
    fill_integers(l, index);
    EXPECT_NE(check_layer(device_, l, {.exact = true}), "") << l.text();
  }
  EXPECT_EQ(device_.counts().counted(outcome::covered), 3);
  layer refused;
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) refused.add(slot, GEMMACT_F32);
  EXPECT_EQ(check_layer(device_, refused, {.exact = true}), "");
  EXPECT_EQ(device_.counts().counted(outcome::refused), 1);
  EXPECT_FALSE(covered(device_, refused));
  EXPECT_EQ(device_.counts().counted(outcome::refused), 2);
}

}  // namespace
}  // namespace gemmact::test

// From the C interface's text "cuda:0" to a launch, with the families that are shipped and the real compiler where it is
// here; the driver is a fake one, which takes any cubin.
#include <gtest/gtest.h>

#include "host/jit/nvrtc.hpp"
#include "host/plan/gpu_family.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/fake_cuda/loaded.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

using call = fake_cuda::function;

sample_layer bf16_layer() {
  sample_layer layer(GEMMACT_FORWARD, "swish");
  for (uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) layer.add(slot, GEMMACT_BF16);
  layer.add(GEMMACT_BIAS, GEMMACT_BF16, GEMMACT_PER_COLUMN);
  layer.problem.m = layer.problem.n = layer.problem.k = 64;
  return layer;
}

std::string description_of(gemmact_context* context) {
  gemmact_device_info info{};
  info.struct_bytes = sizeof info;
  EXPECT_EQ(gemmact_context_get_info(context, &info), GEMMACT_OK);
  EXPECT_EQ(info.can_run, 1u);
  return info.description;
}

TEST(whole_way, from_text_to_launch) {
  fake_cuda::state& fake = fake_cuda::loaded();
  gemmact_context* context = nullptr;
  ASSERT_EQ(gemmact_context_create("cuda:0", &context), GEMMACT_OK) << gemmact_last_error();
  expect_part(description_of(context), "Fake GPU, sm_90, 132 multiprocessors");
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& f) {
    gemmact_context_destroy(context);
    GTEST_SKIP() << f.message();
  }
  if (plan::gpu_families().empty()) {
    gemmact_context_destroy(context);
    GTEST_SKIP() << "there is no family";
  }
  sample_layer layer = bf16_layer();
  gemmact_plan* plan = nullptr;
  ASSERT_EQ(gemmact_plan_create(context, layer.link(), &plan), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  ASSERT_EQ(gemmact_plan_get_info(plan, &info), GEMMACT_OK);
  EXPECT_EQ(info.launches, 1u);
  sample_run run(layer, size_t{1} << 20);
  ASSERT_LE(info.workspace_bytes, size_t{1} << 20);
  fake.forget();
  ASSERT_EQ(gemmact_run(plan, run.link(), run.workspace, nullptr), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(fake.count(call::cuLaunchKernelEx), 1);
  EXPECT_EQ(fake.count(call::cuLibraryLoadData) + fake.count(call::cuMemAllocAsync), 0);
  EXPECT_EQ(fake.launches.at(0).kernel, info.kernel);
  gemmact_plan_destroy(plan);
  gemmact_context_destroy(context);
}

}  // namespace
}  // namespace gemmact::test

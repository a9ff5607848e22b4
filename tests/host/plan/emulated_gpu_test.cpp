// The emulated GPU as one of sm_80: what it is, whose code it runs, and how its driver refuses a map.
#include <gtest/gtest.h>

#include "host/core/problem.hpp"
#include "host/cuda/loaded_kernel.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_unit.hpp"
#include "host/plan/tensor_maps.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

class emulated_sm80 : public ::testing::Test {
 protected:
  const cuda::context& here_ = cuda::context::open(cuda::driver::instance(), 0);
  const families::gpu facts_ = plan::gpu_of(here_.facts());
};

TEST_F(emulated_sm80, is_one) {
  EXPECT_EQ(facts_.architecture, 80);
  EXPECT_EQ(facts_.multiprocessors, 2);
  EXPECT_EQ(facts_.wgmma_flop_per_clock, 0);
}

TEST_F(emulated_sm80, runs_code_of_its_own_alone) {
  sample_layer layer = forward_layer();
  const core::problem problem = core::check_problem(layer.link(), plan::functions());
  const plan::gpu_choice choice(plan::gpu_families(), facts_, problem);
  const std::vector<plan::gpu_pick> picks = choice.picks(plan::plan_override("gemm_simt:16x32x64"));
  ASSERT_FALSE(picks.empty());
  const families::candidate& candidate = *picks.front().candidate;
  jit::compiler compiler;
  const auto load = [&](const char* architecture) {
    const auto binary = compiler.get(plan::unit_of(candidate, architecture));
    cuda::loaded_kernel kernel(here_, {binary->code->name, binary->code->cubin, binary->code->compiler},
                               candidate.shared_bytes);
  };
  load("sm_80");
  load("sm_80a");
  for (const std::string architecture : {"sm_89", "sm_90", "sm_90a"})
    expect_part(refusal(GEMMACT_DEVICE_FAILED, [&] { load(architecture.c_str()); }),
                ("a kernel compiled for " + architecture + " does not run on sm_80").c_str());
}

TEST_F(emulated_sm80, says_which_rule_a_map_breaks) {
  alignas(16) static unsigned char place[64];
  families::tensor_box box{.type = families::element::f16, .base = place, .dims = {64, 2, 1}, .stride_bytes = {128, 0}};
  box.box[0] = 64;
  const plan::tensor_maps maps(here_);
  maps.encode(box);
  box.stride_bytes[0] = 100;
  expect_part(refusal(GEMMACT_INTERNAL, [&] { maps.encode(box); }), "globalStrides[0] = 100 is not a multiple of 16");
}

}  // namespace
}  // namespace gemmact::test

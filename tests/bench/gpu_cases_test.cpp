// The GPU's default set against the library's planner, by a device that is only described.
#include <gtest/gtest.h>

#include <set>

#include "bench/core/cases.hpp"
#include "bench/core/forward_layer.hpp"
#include "bench/core/fused_layer.hpp"
#include "tests/bench/default_set.hpp"

using namespace gemmact_bench;

namespace {

constexpr uint32_t alignment = 128;

// The family that takes a layer, or the refusal.
std::string taken_by(const context& device, const bench_case& c, bool with_bias) {
  const std::vector<gemmact_tensor> tensors = layer_tensors(c, with_bias, alignment);
  gemmact_problem problem = layer_problem(c);
  problem.struct_bytes = sizeof problem;
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  problem.tensor_bytes = sizeof(gemmact_tensor);
  gemmact_plan* plan = nullptr;
  if (gemmact_plan_create(device.get(), &problem, &plan) != GEMMACT_OK) return gemmact_last_error();
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  const gemmact_status status = gemmact_plan_get_info(plan, &info);
  gemmact_plan_destroy(plan);
  return status == GEMMACT_OK ? info.family : gemmact_last_error();
}

}  // namespace

// The goals go by these names of families.
TEST(gpu_cases, the_library_has_a_kernel_for_every_plain_layer_and_its_product) {
  const context h100("describe:h100");
  int plain = 0;
  const case_list all = default_gpu_set(GEMMACT_BENCH_SOURCE "/bench/shapes");
  EXPECT_EQ(all.cases.size(), 80u) << "bench/README.md says how many";
  for (const bench_case& c : all.cases) {
    const bool strict = c.numbers() == precision{GEMMACT_F32};
    const std::set<std::string> wanted =
        strict ? std::set<std::string>{"gemm_simt"} : std::set<std::string>{"gemm_sm80", "gemm_sm90"};
    const std::string product = taken_by(h100, c.product(), false), layer = taken_by(h100, c, true);
    EXPECT_EQ(wanted.count(product), 1u) << c.name() << ": " << product;
    if (c.combine != GEMMACT_PLAIN) {
      EXPECT_EQ(wanted.count(layer), 0u) << c.name() << ": it can run, and bench/README.md denies it";
      continue;
    }
    EXPECT_EQ(wanted.count(layer), 1u) << c.name() << ": " << layer;
    ++plain;
  }
  EXPECT_EQ(plain, 77) << "bench/README.md says how many";
}

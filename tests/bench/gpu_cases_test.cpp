// The GPU's default set against the library's planner, by a device that is only described.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "bench/core/backward_layer.hpp"
#include "bench/core/cases.hpp"
#include "bench/core/forward_layer.hpp"
#include "bench/core/fused_layer.hpp"
#include "bench/core/gpu_contest.hpp"
#include "bench/report/goals.hpp"
#include "tests/bench/default_set.hpp"

using namespace gemmact_bench;

namespace {

// The family that takes a problem, or the refusal.
std::string taken_by(const context& device, gemmact_problem problem, const std::vector<gemmact_tensor>& tensors) {
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

// What both arms of the library are taken by: the whole operation, and the bare one.
std::set<std::string> taken_by(const context& device, const bench_case& c) {
  if (c.operation == GEMMACT_FORWARD) {
    const bench_case product = c.product();
    const bench_case by_hand = c.by_hand();
    return {taken_by(device, layer_problem(c), layer_tensors(c, true, gpu_alignment)),
            taken_by(device, layer_problem(by_hand), layer_tensors(by_hand, true, gpu_alignment)),
            taken_by(device, layer_problem(product), layer_tensors(product, false, gpu_alignment))};
  }
  const backward_form form = gpu_form(c);
  std::set<std::string> families;
  for (const bool whole : {true, false})
    families.insert(
        taken_by(device, backward_problem(c, form, whole), backward_tensors(c, form, whole, gpu_alignment)));
  // The separate kernel of an unfused arm.
  const bench_case separate = separate_case(c);
  if (c.operation == GEMMACT_INPUT_GRAD &&
      taken_by(device, backward_problem(separate, form, true), backward_tensors(separate, form, true, gpu_alignment)) !=
          "gradient_pass")
    families.insert("no separate kernel");
  return families;
}

std::set<std::string> wanted_for(const bench_case& c) {
  if (c.operation == GEMMACT_ACTIVATION_GRAD) return {"gradient_pass"};
  if (c.numbers() == precision{GEMMACT_F32}) return {"gemm_simt"};
  return {"gemm_sm80", "gemm_sm90"};
}

}  // namespace

// The goals go by these names of families.
TEST(gpu_cases, the_library_has_a_kernel_for_every_case_and_its_product) {
  const context h100("describe:h100");
  const case_list all = default_gpu_set(GEMMACT_BENCH_SOURCE "/bench/shapes");
  std::map<gemmact_operation, int> count;
  for (const bench_case& c : all.cases) {
    const std::set<std::string> wanted = wanted_for(c);
    for (const std::string& family : taken_by(h100, c))
      EXPECT_EQ(wanted.count(family), 1u) << c.name() << ": " << family;
    ++count[c.operation];
  }
  const std::string told = fmt::format("{} cases: {} forward, {} input_grad,\n{} weight_grad, {} activation_grad",
                                       all.cases.size(), count[GEMMACT_FORWARD], count[GEMMACT_INPUT_GRAD],
                                       count[GEMMACT_WEIGHT_GRAD], count[GEMMACT_ACTIVATION_GRAD]);
  EXPECT_NE(read_file(GEMMACT_BENCH_SOURCE "/bench/README.md").find(told), std::string::npos)
      << "bench/README.md does not say: " << told;
}

// Every goal of a GPU that a case can be had for has one in the default set.
TEST(gpu_cases, every_goal_has_a_case) {
  report_setting h100;
  h100.gpu = gpu_facts{};
  h100.gpu->multiprocessors = 132;
  h100.gpu->l2_bytes = 50 << 20;
  std::set<std::string> found;
  for (const bench_case& c : default_gpu_set(GEMMACT_BENCH_SOURCE "/bench/shapes").cases) {
    report_row row;
    row.what = c;
    row.family = "gemm_sm80";
    for (const goal_result& g : goals_of(row, h100)) found.insert(g.of->key);
  }
  for (const goal& g : goals()) {
    const std::string key = g.key;
    EXPECT_EQ(found.count(key), key == "network" || key == "cpu" ? 0u : 1u) << key;
  }
}

// What a plan and a run cost beside the work itself. The limits are 20 us for a plan and 2 us for the checks
// of a run; machines that share their cores get some room, and sanitizers much.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "host/core/problem.hpp"
#include "host/core/slots.hpp"
#include "host/plan/functions.hpp"
#include "tests/host/sample_layer.hpp"

namespace gemmact::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr double room = 100;
#else
constexpr double room = 2;
#endif

// The fastest of many batches, in microseconds a call: what else the machine does only ever adds.
template <class Call>
double fastest_us(const Call& call) {
  constexpr int batches = 200, calls = 20;
  double best = 1e9;
  for (int b = 0; b < batches; ++b) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) call();
    std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count() / calls);
  }
  return best;
}

void report(const char* what, double us, double limit) {
  fmt::print("{}: {:.2f} us (limit {} us, with room {} us)\n", what, us, limit, limit * room);
  EXPECT_LE(us, limit * room) << what;
}

sample_layer typical() {
  sample_layer l = forward_layer("leaky_relu(slope=0.02)");
  l.problem.m = 64;
  l.problem.n = 256;
  l.problem.k = 256;
  l.add(GEMMACT_RESIDUAL).add(GEMMACT_KEPT, GEMMACT_BIT);
  return l;
}

sample_layer crowded() {
  sample_layer l = maxout_layer(8);
  l.add(GEMMACT_C).add(GEMMACT_RESIDUAL).add(GEMMACT_KEPT, GEMMACT_U8);
  for (uint32_t slot : {GEMMACT_ALPHA, GEMMACT_BETA, GEMMACT_SCALE_X, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
    l.add(slot, GEMMACT_F32, GEMMACT_SCALAR);
  for (uint32_t i = 0; i < 8; ++i) l.add(GEMMACT_BIAS, GEMMACT_F32, GEMMACT_PER_COLUMN, i);
  return l;
}

TEST(overhead, plans) {
  gemmact_context* context = nullptr;
  ASSERT_EQ(gemmact_context_create("cpu", &context), GEMMACT_OK);
  for (auto& [name, layer] : {std::pair{"a plan of a typical layer", typical()}, {"a plan of 27 tensors", crowded()}}) {
    sample_layer l = layer;
    l.link();
    report(name, fastest_us([&] {
             gemmact_plan* plan = nullptr;
             gemmact_plan_create(context, &l.problem, &plan);
             gemmact_plan_destroy(plan);
           }),
           20);
  }
  gemmact_context_destroy(context);
}

TEST(overhead, checks_of_a_run) {
  for (auto& [name, layer] :
       {std::pair{"checks of a typical run", typical()}, {"checks of a run of 27 tensors", crowded()}}) {
    sample_layer l = layer;
    core::problem p = core::check_problem(l.link(), plan::functions());
    sample_run run(l, 1 << 19);
    run.link();
    std::array<void*, core::max_tensors> data;
    report(name, fastest_us([&] {
             core::run_operands r = core::check_operands(p, &run.operands, data.data());
             core::check_workspace(p, r, run.workspace, 4096, 0);
           }),
           2);
  }
}

// The whole call for a layer of one neuron: the product itself is nothing.
TEST(overhead, a_run_of_one_neuron) {
  gemmact_context* context = nullptr;
  ASSERT_EQ(gemmact_context_create("cpu", &context), GEMMACT_OK);
  sample_layer l = forward_layer();
  l.problem.m = l.problem.n = l.problem.k = 1;
  gemmact_plan* plan = nullptr;
  ASSERT_EQ(gemmact_plan_create(context, l.link(), &plan), GEMMACT_OK);
  sample_run run(l, 1 << 20);
  run.link();
  gemmact_status status = GEMMACT_OK;
  report("a run of one neuron", fastest_us([&] { status = gemmact_run(plan, &run.operands, run.workspace, nullptr); }),
         2);
  EXPECT_EQ(status, GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_destroy(plan);
  gemmact_context_destroy(context);
}

}  // namespace
}  // namespace gemmact::test

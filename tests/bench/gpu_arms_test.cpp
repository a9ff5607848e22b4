// The arms of cases on a GPU, as they are bound, described to cuBLASLt and checked, where there is no GPU: the library's are
// run by its CPU device, cuBLASLt's by what its documentation says.
#include <gtest/gtest.h>

#include <set>

#include "bench/gpu/gpu_cases.hpp"
#include "tests/bench/fake_gpu/fake_gpu.hpp"

using namespace gemmact_bench;

namespace {

struct fake_run {
  context device{"cpu"};
  gpu_environment environment{device, 1 << 16, 100};
  measure_settings settings{.least_rounds = 4, .most_rounds = 4, .case_seconds = 0, .slot_seconds = 0};
  workload make(const bench_case& c) { return make_gpu_case(environment, c, settings); }
  outcome of(const workload& w) {
    return measure(w.arms, settings, [](int, int) {});
  }
  ~fake_run() { fake_gpu::cublaslt() = {}; }
};

bench_case tiny(const char* numbers, const std::string& function, gemmact_operation operation, int64_t k = 40) {
  const precision p = *precision_from(numbers);
  return {"test", "tiny", 33, 24, k, p.type, function, GEMMACT_PLAIN, operation, p.compute};
}

std::vector<bench_case> backward_cases() {
  std::vector<bench_case> all;
  for (const char* numbers : {"f32", "tf32", "f16", "bf16"}) {
    for (const char* function : {"relu", "gelu_tanh", "gelu", "swish", "tanh"})
      for (const gemmact_operation operation : {GEMMACT_ACTIVATION_GRAD, GEMMACT_INPUT_GRAD})
        all.push_back(tiny(numbers, function, operation));
    all.push_back(tiny(numbers, "", GEMMACT_WEIGHT_GRAD));
  }
  for (const char* function : {"relu", "gelu_tanh"}) all.push_back(tiny("bf16", function, GEMMACT_INPUT_GRAD, 43));
  all.push_back(tiny("f16", "", GEMMACT_WEIGHT_GRAD, 43));
  return all;
}

bool has_own_gradient(const bench_case& c) {
  return c.operation == GEMMACT_WEIGHT_GRAD ||
         (c.operation == GEMMACT_INPUT_GRAD && (c.function == "relu" || (c.function == "gelu_tanh" && c.k % 8 == 0)));
}

}  // namespace

TEST(gpu_arms, of_backward_are_all_right) {
  fake_run run;
  for (const bench_case& c : backward_cases()) {
    const workload w = run.make(c);
    const outcome o = run.of(w);
    EXPECT_EQ(o.wrong_arm, "") << c.name() << ": " << o.worst_error;
    EXPECT_EQ(w.chosen.wrong, 0) << c.name();
    EXPECT_EQ(o.others[column_epilogue].missing.empty(), has_own_gradient(c))
        << c.name() << ": " << o.others[column_epilogue].missing;
    EXPECT_TRUE(o.others[column_plain].missing.empty());
    EXPECT_EQ(o.others[column_default].missing.empty(), c.flops() > 0) << c.name();
    EXPECT_EQ(w.arms.bare.empty(), c.operation == GEMMACT_ACTIVATION_GRAD) << c.name();
    EXPECT_EQ(o.bare_missing, "") << c.name();
  }
}

TEST(gpu_arms, of_forward_are_all_right) {
  fake_run run;
  for (const char* numbers : {"f32", "tf32", "f16", "bf16"})
    for (const char* function : {"linear", "relu", "gelu_tanh", "swish", "hinge"}) {
      const outcome o = run.of(run.make(tiny(numbers, function, GEMMACT_FORWARD)));
      EXPECT_EQ(o.wrong_arm, "") << numbers << " " << function << ": " << o.worst_error;
    }
  for (const char* name : {"gated", "maxout", "maxout4", "maxout8"}) {
    const combination many = *combination_from(name);
    bench_case c = tiny("bf16", many.combine == GEMMACT_GATED ? "swish" : "", GEMMACT_FORWARD);
    c.combine = many.combine, c.maxout_pieces = many.pieces;
    EXPECT_EQ(run.of(run.make(c)).wrong_arm, "") << c.name();
  }
}

TEST(gpu_arms, of_an_equation_are_all_right_and_one_is_by_hand) {
  fake_run run;
  for (const char* numbers : {"f32", "tf32", "f16", "bf16"})
    for (const gemmact_combine combine : {GEMMACT_PLAIN, GEMMACT_GATED}) {
      bench_case c = tiny(numbers, "swish", GEMMACT_FORWARD);
      c.combine = combine, c.equation = "x / (1 + exp(-x))";
      workload w = run.make(c);
      outcome o = run.of(w);
      EXPECT_EQ(o.wrong_arm, "") << c.name() << ": " << o.worst_error;
      EXPECT_EQ(o.others[column_by_hand].missing, "");
      EXPECT_EQ(o.others[column_by_hand].name.rfind("swish by hand, ", 0), 0u) << o.others[column_by_hand].name;
      EXPECT_GT(w.first.compiled, 0);
      EXPECT_GT(w.first.from_disk, 0);
      w.arms.others[column_by_hand].call = [] {};
      o = run.of(w);
      EXPECT_EQ(o.wrong_arm, o.others[column_by_hand].name);
      c.equation = "x / (1 + exp(-1.1 * x))";
      w = run.make(c);
      EXPECT_EQ(run.of(w).wrong_arm, "fused") << "the text is another function's";
      w.arms.others[column_by_hand].spoil();
      w.arms.others[column_by_hand].call();
      EXPECT_LE(w.arms.others[column_by_hand].check(1), 1);
      c.equation.clear();
      w = run.make(c);
      EXPECT_NE(run.of(w).others[column_by_hand].missing, "");
      EXPECT_EQ(w.first.compiled, 0);
    }
}

TEST(gpu_arms, one_that_does_nothing_is_wrong) {
  fake_run run;
  for (const gemmact_operation operation : {GEMMACT_ACTIVATION_GRAD, GEMMACT_INPUT_GRAD, GEMMACT_WEIGHT_GRAD}) {
    const bench_case c = tiny("bf16", operation == GEMMACT_WEIGHT_GRAD ? "" : "relu", operation);
    const auto wrong = [&](const auto& planted) {
      workload w = run.make(c);
      planted(w.arms);
      return run.of(w).wrong_arm;
    };
    EXPECT_EQ(wrong([](contest& arms) { arms.fused.call = [] {}; }), "fused");
    EXPECT_NE(wrong([](contest& arms) { arms.unfused[0].call = [] {}; }), "");
    EXPECT_NE(wrong([](contest& arms) { arms.others[column_plain].call = [] {}; }), "");
    if (c.flops() == 0) continue;
    EXPECT_NE(wrong([](contest& arms) { arms.bare[0].call = [] {}; }), "");
    EXPECT_NE(wrong([](contest& arms) { arms.others[column_epilogue].call = [] {}; }), "");
  }
}

// What cuBLASLt does otherwise than it is taken to is found by the checks, and its arm is left out with the reason.
TEST(gpu_arms, planted_faults_of_cublaslt_are_found) {
  const auto epilogue_of = [](const bench_case& c, const fake_gpu::behaviour& planted) {
    fake_run run;
    fake_gpu::cublaslt() = planted;
    return run.of(run.make(c)).others[column_epilogue].missing;
  };
  const bench_case relu = tiny("bf16", "relu", GEMMACT_INPUT_GRAD),
                   gelu = tiny("bf16", "gelu_tanh", GEMMACT_INPUT_GRAD),
                   weights = tiny("bf16", "", GEMMACT_WEIGHT_GRAD);
  EXPECT_EQ(epilogue_of(relu, {}), "");
  EXPECT_NE(epilogue_of(relu, {.reverses_bits = true}).find("is wrong"), std::string::npos);
  for (const bench_case& c : {relu, gelu, weights}) {
    EXPECT_NE(epilogue_of(c, {.forgets_sums = true}).find("is wrong"), std::string::npos) << c.name();
    EXPECT_NE(epilogue_of(c, {.refuses_epilogues = true}).find("offers nothing for its own epilogue"),
              std::string::npos);
  }
}

TEST(gpu_arms, without_a_product_of_cublaslt_the_unfused_arm_has_the_librarys) {
  fake_run run;
  fake_gpu::cublaslt().offers = 0;
  const workload w = run.make(tiny("bf16", "gelu", GEMMACT_INPUT_GRAD));
  const outcome o = run.of(w);
  EXPECT_EQ(o.wrong_arm, "");
  EXPECT_NE(o.bare_missing, "");
  EXPECT_EQ(o.unfused_name.rfind("gemmact's own product", 0), 0u) << o.unfused_name;
  EXPECT_NE(o.unfused_name.find("then gemmact's activation_grad"), std::string::npos) << o.unfused_name;
  // Nothing sums columns then.
  for (const gemmact_operation operation : {GEMMACT_ACTIVATION_GRAD, GEMMACT_WEIGHT_GRAD})
    EXPECT_THROW(run.make(tiny("bf16", operation == GEMMACT_WEIGHT_GRAD ? "" : "gelu", operation)), case_left_out);
}

TEST(gpu_arms, a_wrong_product_is_found) {
  fake_run run;
  fake_gpu::cublaslt().transposes_wrongly = true;
  bench_case c = tiny("bf16", "gelu", GEMMACT_INPUT_GRAD);
  c.m = c.n = c.k = 24;  // so that all of it is the matrices' memory
  EXPECT_NE(run.of(run.make(c)).bare_missing.find("is wrong"), std::string::npos);
}

TEST(gpu_arms, what_backward_is_not_compared_for_is_left_out) {
  fake_run run;
  bench_case gated = tiny("bf16", "swish", GEMMACT_INPUT_GRAD);
  gated.combine = GEMMACT_GATED;
  EXPECT_THROW(run.make(gated), case_left_out);
  EXPECT_THROW(run.make(tiny("e4m3", "relu", GEMMACT_INPUT_GRAD)), case_left_out);
}

TEST(gpu_arms, memory_is_given_back) {
  const int64_t before = fake_gpu::counted().allocations;
  {
    fake_run run;
    run.of(run.make(tiny("bf16", "relu", GEMMACT_INPUT_GRAD)));
    EXPECT_GT(fake_gpu::counted().allocations, before);
  }
  EXPECT_EQ(fake_gpu::counted().allocations, before);
}

#include "bench/report/goals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/core/gpu_contest.hpp"

using namespace gemmact_bench;

namespace {

summary spread_of(double seconds) { return {seconds, seconds, seconds, seconds, seconds}; }

struct times {
  double fused = 1e-4, plain = 0.98e-4, bare = 0.99e-4, unfused = 1.5e-4, standard = 1.1e-4, epilogue = 1.2e-4,
         by_hand = 1e-4;
};

report_setting on_gpu() {
  report_setting s;
  s.gpu = gpu_facts{};
  s.gpu->compute_capability = "9.0";
  s.gpu->multiprocessors = 132;
  s.gpu->l2_bytes = 50 << 20;
  s.gpu->clock_limit_mhz = 1980;
  s.gpu->roofs.read_bytes_per_second = 3e12;
  s.gpu->roofs.loop_flops = {{"bf16", 600e12}};
  return s;
}

report_row row_of(int64_t m, int64_t n, int64_t k, gemmact_type type, const std::string& function,
                  const times& t = {}) {
  report_row r;
  r.what = {"list", "shape", m, n, k, type, function, GEMMACT_PLAIN, GEMMACT_FORWARD};
  r.family = "gemm_sm80";
  r.found.fused = spread_of(t.fused), r.found.unfused = spread_of(t.unfused), r.found.bare = spread_of(t.bare);
  r.found.compared.ratio = spread_of(t.unfused / t.fused);
  r.found.others.resize(gpu_columns().size());
  const auto other = [&](size_t column, double seconds) {
    r.found.others[column].seconds = spread_of(seconds);
    r.found.others[column].ratio = spread_of(seconds / t.fused);
  };
  other(column_by_hand, t.by_hand), other(column_default, t.standard), other(column_epilogue, t.epilogue),
      other(column_plain, t.plain);
  return r;
}

// The goals of a row by key.
std::map<std::string, goal_result> found(const report_row& row, const report_setting& setting = on_gpu()) {
  std::map<std::string, goal_result> all;
  for (const goal_result& g : goals_of(row, setting)) all[g.of->key] = g;
  return all;
}

std::set<std::string> keys(const report_row& row, const report_setting& setting = on_gpu()) {
  std::set<std::string> all;
  for (const auto& [key, g] : found(row, setting)) all.insert(key);
  return all;
}

}  // namespace

TEST(goals, which_apply) {
  EXPECT_EQ(keys(row_of(4096, 4096, 4096, GEMMACT_BF16, "relu")),
            (std::set<std::string>{"plain_16_bit", "plain_default_4096", "fused_own_plain", "fused_cublaslt",
                                   "own_epilogue", "loop_share"}));
  EXPECT_EQ(keys(row_of(8192, 8192, 512, GEMMACT_BF16, "gelu")),
            (std::set<std::string>{"fused_own_plain", "separate_kernel"}));
  EXPECT_EQ(keys(row_of(1024, 1024, 1024, GEMMACT_F16, "gelu")),
            (std::set<std::string>{"fused_own_plain", "part_filled"}));
  EXPECT_EQ(keys(row_of(128, 4096, 256, GEMMACT_BF16, "gelu")), (std::set<std::string>{"part_filled"}));
  EXPECT_EQ(keys(row_of(1, 4096, 14336, GEMMACT_BF16, "linear")),
            (std::set<std::string>{"fused_own_plain", "fused_cublaslt", "one_row", "few_rows"}));
  EXPECT_EQ(keys(row_of(4096, 4096, 4096, GEMMACT_E4M3, "gelu_tanh")),
            (std::set<std::string>{"fused_own_plain", "own_epilogue", "e4m3", "loop_share"}));
  report_row tf32 = row_of(2048, 2048, 2048, GEMMACT_F32, "gelu");
  tf32.what.compute = GEMMACT_COMPUTE_TF32;
  EXPECT_EQ(keys(tf32), (std::set<std::string>{"fused_own_plain", "tf32", "loop_share"}));
  report_row f32 = row_of(2048, 2048, 2048, GEMMACT_F32, "gelu");
  f32.family = "gemm_simt";
  EXPECT_EQ(keys(f32), (std::set<std::string>{"fused_own_plain", "strict_f32"}));
  f32.what.m = f32.what.n = f32.what.k = 1024;
  EXPECT_EQ(keys(f32), (std::set<std::string>{"fused_own_plain", "part_filled", "strict_f32"}));
  report_row gated = row_of(4096, 1024, 4096, GEMMACT_BF16, "swish");
  gated.what.combine = GEMMACT_GATED;
  EXPECT_EQ(keys(gated), (std::set<std::string>{"plain_16_bit", "gated", "loop_share"}));
  report_row maxout = row_of(4096, 1024, 512, GEMMACT_F16, "");
  maxout.what.combine = GEMMACT_MAXOUT;
  EXPECT_EQ(keys(maxout), (std::set<std::string>{"maxout"}));
  EXPECT_EQ(keys(row_of(64, 64, 64, GEMMACT_F32, "relu"), {}), (std::set<std::string>{"cpu"}));
}

TEST(goals, which_apply_backward) {
  const auto with = [](gemmact_operation operation, int64_t m, int64_t n, int64_t k, const std::string& function) {
    report_row r = row_of(m, n, k, GEMMACT_BF16, function);
    r.what.operation = operation;
    return r;
  };
  EXPECT_EQ(keys(with(GEMMACT_INPUT_GRAD, 8192, 1024, 4096, "gelu")), (std::set<std::string>{"input_grad"}));
  EXPECT_EQ(keys(with(GEMMACT_INPUT_GRAD, 8192, 1024, 4096, "relu")),
            (std::set<std::string>{"input_grad", "input_grad_cublaslt"}));
  EXPECT_EQ(keys(with(GEMMACT_INPUT_GRAD, 8192, 768, 4096, "gelu_tanh")),
            (std::set<std::string>{"input_grad_cublaslt"}));
  EXPECT_EQ(keys(with(GEMMACT_WEIGHT_GRAD, 64, 64, 64, "")), (std::set<std::string>{"weight_grad"}));
  EXPECT_EQ(keys(with(GEMMACT_ACTIVATION_GRAD, 8192, 8192, 1024, "relu")), (std::set<std::string>{"activation_grad"}));
  EXPECT_EQ(keys(with(GEMMACT_ACTIVATION_GRAD, 4096, 4096, 4096, "gelu")), (std::set<std::string>{}))
      << "the L2 keeps some of it";
}

// The depth of input_grad's product is n; activation_grad reads dY and z and writes dZ.
TEST(goals, of_backward_met_and_missed) {
  const auto with = [](gemmact_operation operation, int64_t n, int64_t k, const std::string& function, const times& t) {
    report_row r = row_of(8192, n, k, GEMMACT_BF16, function, t);
    r.what.operation = operation;
    return r;
  };
  const struct {
    const char* key;
    gemmact_operation operation;
    int64_t n, k;
    double times::*above;
    double needed;
  } rows[] = {{"input_grad", GEMMACT_INPUT_GRAD, 1024, 4096, &times::plain, 0.90},
              {"input_grad", GEMMACT_INPUT_GRAD, 2048, 64, &times::plain, 0.95},
              {"input_grad_cublaslt", GEMMACT_INPUT_GRAD, 2048, 4096, &times::epilogue, 1.05},
              {"weight_grad", GEMMACT_WEIGHT_GRAD, 2048, 4096, &times::epilogue, 1.0}};
  for (const auto& r : rows)
    for (const double off : {1e-9, -1e-3}) {
      times t;
      t.*r.above = r.needed * (1 + off) * t.fused;
      const goal_result g = found(with(r.operation, r.n, r.k, "relu", t)).at(r.key);
      EXPECT_EQ(g.state, off > 0 ? attained::met : attained::missed) << r.key;
      EXPECT_NEAR(g.least, r.needed, 1e-12) << r.key;
    }
  report_setting setting = on_gpu();
  setting.gpu->roofs.copy_bytes_per_second = 2.5e12;
  for (const auto& [function, bytes] : {std::pair("gelu", 3.0 * 2), std::pair("relu", 2.0 * 2 + 0.125)}) {
    times t;
    t.fused = bytes * 8192 * 8192 / (0.91 * 2.5e12);
    const goal_result g = found(with(GEMMACT_ACTIVATION_GRAD, 8192, 64, function, t), setting).at("activation_grad");
    ASSERT_TRUE(g.value) << function;
    EXPECT_NEAR(*g.value, 0.91, 1e-9) << function;
    EXPECT_EQ(g.state, attained::met);
    t.fused *= 0.91 / 0.89;
    EXPECT_EQ(found(with(GEMMACT_ACTIVATION_GRAD, 8192, 64, function, t), setting).at("activation_grad").state,
              attained::missed);
  }
  EXPECT_EQ(found(with(GEMMACT_ACTIVATION_GRAD, 8192, 64, "gelu", {})).at("activation_grad").state,
            attained::not_measured)
      << "no copy was measured";
}

// Each goal's figure just at what it needs, and a thousandth below.
TEST(goals, met_and_missed) {
  const struct {
    const char* key;
    report_row row;
    double times::*above;  // what is divided by the rest
    double needed, by;     // by: the seconds that it is divided by
  } rows[] = {
      {"plain_16_bit", row_of(4096, 4096, 4096, GEMMACT_BF16, "relu"), &times::bare, 0.96, 0.98e-4},
      {"plain_default_4096", row_of(4096, 4096, 4096, GEMMACT_BF16, "relu"), &times::standard, 1.05, 0.98e-4},
      {"fused_own_plain", row_of(4096, 4096, 1024, GEMMACT_BF16, "relu"), &times::plain, 0.99, 1e-4},
      {"fused_own_plain", row_of(4096, 4096, 512, GEMMACT_BF16, "relu"), &times::plain, 0.98, 1e-4},
      {"fused_cublaslt", row_of(4096, 4096, 2048, GEMMACT_F16, "gelu"), &times::bare, 1.0, 1e-4},
      {"own_epilogue", row_of(4096, 4096, 2048, GEMMACT_F16, "gelu_tanh"), &times::epilogue, 1.03, 1e-4},
      {"separate_kernel", row_of(8192, 8192, 500, GEMMACT_F16, "gelu"), &times::unfused, 0.97 * 2, 1e-4},
      {"part_filled", row_of(1024, 1024, 1024, GEMMACT_BF16, "gelu"), &times::bare, 1.05, 0.98e-4},
      {"e4m3", row_of(4096, 4096, 4096, GEMMACT_E4M3, "gelu"), &times::bare, 0.97, 1e-4},
      {"strict_f32", row_of(1024, 1024, 1024, GEMMACT_F32, "gelu"), &times::bare, 0.93, 0.98e-4},
      {"part_filled", row_of(1024, 1024, 1024, GEMMACT_F32, "gelu"), &times::bare, 1.05, 0.98e-4},
      {"few_rows", row_of(16, 14336, 4096, GEMMACT_BF16, "gelu"), &times::bare, 1.05, 1e-4},
      {"few_rows", row_of(16, 4096, 4096, GEMMACT_BF16, "gelu"), &times::bare, 1.35, 1e-4},
  };
  for (const auto& r : rows)
    for (const double off : {1e-9, -1e-3}) {
      times t;
      t.*r.above = r.needed * (1 + off) * r.by;
      const bench_case& c = r.row.what;
      const goal_result g = found(row_of(c.m, c.n, c.k, c.type, c.function, t)).at(r.key);
      EXPECT_EQ(g.state, off > 0 ? attained::met : attained::missed) << r.key;
      EXPECT_NEAR(g.least, r.needed, 1e-12) << r.key;
      ASSERT_TRUE(g.value) << r.key;
      EXPECT_NEAR(*g.value, r.needed * (1 + off), 1e-9) << r.key;
    }
}

TEST(goals, of_equations_on_gpus_and_on_the_cpu) {
  const auto typed = [](const times& t) {
    report_row r = row_of(4096, 4096, 256, GEMMACT_BF16, "swish", t);
    r.what.equation = "x / (1 + exp(-x))";
    return r;
  };
  EXPECT_EQ(keys(typed({})), (std::set<std::string>{"equation", "first_run"}));
  EXPECT_EQ(keys(typed({}), {}), (std::set<std::string>{"equation", "cpu"}));
  EXPECT_EQ(keys(row_of(4096, 4096, 256, GEMMACT_BF16, "swish")), (std::set<std::string>{}));
  for (const auto& [setting, needed] : {std::pair(on_gpu(), 0.99), std::pair(report_setting{}, 1.0 / 3)})
    for (const double off : {1e-9, -1e-3}) {
      times t;
      t.by_hand = needed * (1 + off) * t.fused;
      const goal_result g = found(typed(t), setting).at("equation");
      EXPECT_EQ(g.state, off > 0 ? attained::met : attained::missed) << needed;
      EXPECT_NEAR(g.least, needed, 1e-12);
    }
  times alone;
  alone.by_hand = 0;
  EXPECT_EQ(found(typed(alone)).at("equation").state, attained::not_measured);
}

// Both parts must be within their limits: the figure is that of the worse one.
TEST(goals, of_an_equations_first_run) {
  report_row row = row_of(4096, 4096, 256, GEMMACT_BF16, "swish");
  row.what.equation = "x / (1 + exp(-x))";
  const auto state = [&](double compiled, double from_disk) {
    row.first = {compiled, from_disk};
    return found(row).at("first_run");
  };
  EXPECT_EQ(state(0, 0).state, attained::not_measured);
  EXPECT_EQ(state(0.99, 9.9e-3).state, attained::met);
  EXPECT_EQ(state(1.01, 1e-3).state, attained::missed);
  EXPECT_EQ(state(0.1, 11e-3).state, attained::missed);
  EXPECT_NEAR(*state(0.5, 8e-3).value, 1.25, 1e-12);
}

TEST(goals, shares_of_what_was_measured_in_the_run) {
  times t;
  t.plain = 2.0 * 4096 * 4096 * 4096 / (0.86 * 600e12);
  EXPECT_NEAR(*found(row_of(4096, 4096, 4096, GEMMACT_BF16, "relu", t)).at("loop_share").value, 0.86, 1e-9);
  t.fused = 4096.0 * 14336 * 2 / (0.9 * 3e12);
  const goal_result one = found(row_of(1, 4096, 14336, GEMMACT_BF16, "linear", t)).at("one_row");
  EXPECT_NEAR(*one.value, 0.9, 1e-9);
  EXPECT_EQ(one.least, 0.93);  // 117 MB
  EXPECT_EQ(found(row_of(1, 4096, 4096, GEMMACT_BF16, "linear", t)).at("one_row").least, 0.87);
  EXPECT_EQ(found(row_of(1, 4096, 2048, GEMMACT_BF16, "linear", t)).at("one_row").least, 0.80);
}

TEST(goals, what_was_not_measured_is_neither_met_nor_missed) {
  times none;
  none.bare = none.epilogue = none.plain = 0;
  for (const auto& [key, g] : found(row_of(4096, 4096, 4096, GEMMACT_BF16, "relu", none))) {
    EXPECT_EQ(g.state, attained::not_measured) << key;
    EXPECT_FALSE(g.value) << key;
  }
  report_row row = row_of(8192, 8192, 512, GEMMACT_BF16, "gelu", none);
  EXPECT_EQ(found(row).at("separate_kernel").state, attained::not_measured) << "the product was not cuBLASLt's";
  const auto all_unmeasured = [](const report_row& r) {
    const auto goals = goals_of(r, on_gpu());
    return !goals.empty() &&
           std::all_of(goals.begin(), goals.end(), [](const auto& g) { return g.state == attained::not_measured; });
  };
  row = row_of(4096, 4096, 4096, GEMMACT_BF16, "relu");
  EXPECT_FALSE(all_unmeasured(row));
  row.found.readings = {{1700, 600, 60, 0x40}};
  EXPECT_TRUE(all_unmeasured(row)) << "throttled";
  row.found.readings.clear(), row.found.wrong_arm = "plain";
  EXPECT_TRUE(all_unmeasured(row)) << "wrong";
  row.found.wrong_arm = "", row.failure = "refused";
  EXPECT_TRUE(all_unmeasured(row)) << "failed";
}

TEST(goals, totals) {
  report r;
  r.setting = on_gpu();
  times good, bad, poor;
  good.bare = 1.10 * good.plain, bad.bare = 0.9 * bad.plain, poor.bare = 0.97 * poor.plain;
  const auto with = [&](const times& t) { return row_of(4096, 4096, 4096, GEMMACT_BF16, "tanh", t); };
  const auto total = [&](const char* key) {
    const auto all = goal_totals(r);
    return *std::find_if(all.begin(), all.end(), [&](const auto& t) { return std::string(t.of->key) == key; });
  };
  EXPECT_EQ(total("plain_16_bit").state, attained::not_measured);
  r.rows = {with(good), with(poor)};
  EXPECT_EQ(total("plain_16_bit").state, attained::met);
  EXPECT_EQ(total("plain_16_bit").met, 2);
  EXPECT_NEAR(total("plain_16_bit").geomean, std::sqrt(1.10 * 0.97), 1e-9);
  EXPECT_NEAR(total("plain_16_bit").lowest, 0.97, 1e-9);
  r.rows = {with(good), with(good), with(good), row_of(2048, 2048, 2048, GEMMACT_BF16, "tanh", poor)};
  EXPECT_NEAR(total("plain_16_bit").geomean, std::sqrt(1.10 * 0.97), 1e-9) << "each product once";
  r.rows = {with(poor), with(poor)};
  EXPECT_EQ(total("plain_16_bit").missed, 0);
  EXPECT_EQ(total("plain_16_bit").state, attained::missed) << "the geometric mean";
  r.rows = {with(good), with(bad)};
  EXPECT_EQ(total("plain_16_bit").missed, 1);
  EXPECT_EQ(total("plain_16_bit").state, attained::missed);
  for (const char* key : {"weight_grad", "first_run", "gated"})
    EXPECT_EQ(total(key).state, attained::not_measured) << key;
  // A CPU's report speaks of its own goals alone.
  r.setting.gpu.reset();
  ASSERT_EQ(goal_totals(r).size(), 2u);
  EXPECT_EQ(total("equation").state, attained::not_measured);
  EXPECT_EQ(total("cpu").state, attained::met);
}

TEST(goals, one_row_a_goal) {
  std::set<std::string> all;
  for (const goal& g : goals()) {
    EXPECT_TRUE(all.insert(g.key).second) << g.key << " is there twice";
    EXPECT_NE(std::string(g.what), "");
    const std::string text = g.text;
    EXPECT_NE(text.find("≥"), text.find("≤")) << g.key << " has neither";
  }
}

TEST(roofline, the_longer_of_arithmetic_and_memory) {
  const bench_case square{"l", "s", 4096, 4096, 4096, GEMMACT_BF16, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD};
  const double flop_rate = peak_flop_per_clock("9.0", {GEMMACT_BF16}) * 132 * 1.755e9;
  EXPECT_NEAR(flop_rate, 949e12, 1e12);
  const least_time arithmetic = least_time_of(square, false, {flop_rate, 3e12, 50 << 20});
  EXPECT_NEAR(arithmetic.seconds, square.flops() / flop_rate, 1e-12);
  EXPECT_FALSE(arithmetic.memory);
  bench_case row = square;
  row.m = 1;
  const least_time memory = least_time_of(row, true, {flop_rate, 3e12, 50 << 20});
  EXPECT_TRUE(memory.memory);
  EXPECT_NEAR(memory.seconds, 4096.0 * 4096 * 2 / 3e12, 1e-12);
  EXPECT_FALSE(least_time_of(row, false, {flop_rate, 3e12, 50 << 20}).memory) << "the L2 keeps W";
  // Of a GPU whose arithmetic or bandwidth is not known nothing is said, though the other time is.
  EXPECT_EQ(least_time_of(square, false, {}).seconds, 0);
  EXPECT_EQ(least_time_of(row, true, {0, 3e12, 50 << 20}).seconds, 0);
  EXPECT_FALSE(least_time_of(row, true, {0, 3e12, 50 << 20}).memory);
  EXPECT_EQ(least_time_of(row, true, {flop_rate, 0, 50 << 20}).seconds, 0);
  EXPECT_GT(least_time_of(row, false, {flop_rate, 0, 50 << 20}).seconds, 0) << "the L2 keeps all of it";
  EXPECT_EQ(peak_flop_per_clock("8.0", {GEMMACT_E4M3}), 0);
  EXPECT_EQ(peak_flop_per_clock("9.0", {GEMMACT_F32}), 256);
  EXPECT_EQ(peak_flop_per_clock("9.0", {GEMMACT_F32, GEMMACT_COMPUTE_TF32}), 2048);
  EXPECT_EQ(peak_flop_per_clock("1.0", {GEMMACT_BF16}), 0);
}

TEST(roofline, what_backward_moves_and_multiplies) {
  bench_case c{"l", "s", 64, 96, 160, GEMMACT_BF16, "gelu", GEMMACT_PLAIN, GEMMACT_ACTIVATION_GRAD};
  EXPECT_EQ(c.flops(), 0);
  EXPECT_EQ(c.bytes(), 3 * 64 * 96 * 2);
  EXPECT_DOUBLE_EQ(least_time_of(c, false, {1e12, 1e9, 0}).seconds, 3 * 64 * 96 * 2 * 1e-9);
  c.function = "relu";
  EXPECT_EQ(c.bytes(), 2 * 64 * 96 * 2 + 64 * 96 / 8) << "of relu a bit is kept";
  c.operation = GEMMACT_INPUT_GRAD, c.function = "gelu_tanh";
  EXPECT_EQ(c.depth(), 96);
  EXPECT_EQ(c.flops(), 2.0 * 64 * 96 * 160);
  EXPECT_EQ(c.bytes(), (64 * 96 + 96 * 160 + 2 * 64 * 160) * 2);
  EXPECT_EQ(c.product_text(), "input_grad 64 x 96 x 160 bf16");
  c.operation = GEMMACT_WEIGHT_GRAD, c.function = "";
  EXPECT_EQ(c.depth(), 64);
  EXPECT_EQ(c.bytes(), (64 * 96 + 64 * 160 + 96 * 160) * 2);
  c.operation = GEMMACT_FORWARD, c.type = GEMMACT_E4M3;
  EXPECT_EQ(c.depth(), 160);
  EXPECT_EQ(c.bytes(), 64 * 160 + 96 * 160 + 64 * 96 * 2);
}

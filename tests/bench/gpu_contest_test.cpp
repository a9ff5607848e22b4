// The GPU's arms as they are put together, tried, timed, judged and reported, without a GPU: the layer is planted.
#include "bench/core/gpu_contest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/core/runner.hpp"
#include "tests/bench/planted_layer.hpp"

using namespace gemmact_bench;
using nlohmann::json;

namespace {

const bench_case square{"l", "square", 4096, 4096, 4096, GEMMACT_BF16, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD};

struct planted_run {
  fake_queue queue;
  std::shared_ptr<planted_layer> layer = std::make_shared<planted_layer>(queue);
  heat_memory memory;

  measure_settings settings() {
    measure_settings s{.least_rounds = 20, .most_rounds = 20, .case_seconds = 0, .slot_seconds = 1e-3};
    s.time = queue_timer(queue, 40);
    s.preheat = [](const arm&) {};
    s.read_gauges = [] { return gauges{1700, 500, 60, 0}; };
    return s;
  }
  // By the runner, as the program does it, and as its JSON has it.
  json row(const bench_case& c = square) {
    report r;
    r.setting.gpu = gpu_facts{};
    r.setting.bare_column = "/ cuBLASLt plain best";
    r.setting.other_columns = gpu_columns();
    r.setting.settings = settings();
    const auto make = [&](const bench_case& what) {
      return make_gpu_workload(layer, what, r.setting.settings, memory);
    };
    const runner_events events{[](size_t, const bench_case&, int, int) {}, [](const report_row&) {}};
    r.rows = run_cases({c}, make, r.setting.settings, events).rows;
    return to_json(r)["rows"][0];
  }
  planted_arm& fused() { return layer->ways[gpu_task::fused][0]; }
  std::vector<planted_arm>& of(gpu_task task) { return layer->ways[task]; }
};

double ratio(const json& row, size_t column) { return row["others"][column]["ratio"]["median"]; }

}  // namespace

TEST(gpu_contest, every_arm_runs_and_the_best_heuristics_win) {
  planted_run run;
  const json row = run.row();
  EXPECT_EQ(row["verdict"], "FASTER");
  EXPECT_EQ(row["bare_by"], "cuBLASLt, heuristic 2 of 3");
  EXPECT_EQ(row["unfused_by"], "cuBLASLt, heuristic 2 of 3, then one kernel");
  EXPECT_EQ(row["others"][column_epilogue]["by"], "cuBLASLt with its own epilogue, heuristic 1 of 2");
  EXPECT_NEAR(row["bare_share"].get<double>(), 0.9, 1e-6);
  EXPECT_NEAR(ratio(row, column_default), 1.2, 1e-6);
  EXPECT_NEAR(ratio(row, column_epilogue), 1.05, 1e-6);
  EXPECT_NEAR(ratio(row, column_plain), 0.95, 1e-6);
  EXPECT_EQ(row["heuristics"]["timed"], 3);
  EXPECT_EQ(row["family"], "gemm_sm80");
  EXPECT_EQ(row["kernel"], "fused_kernel");
  // An unfused layer takes the product that won.
  const auto& calls = run.layer->calls;
  EXPECT_GT(std::count(calls.begin(), calls.end(), std::pair(gpu_task::unfused, 1)), 20);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), std::pair(gpu_task::unfused, 0)), 0);
}

TEST(gpu_contest, an_equation_is_timed_beside_its_function_by_hand) {
  planted_run run;
  bench_case typed = square;
  typed.equation = "max(0, x)";
  const json row = run.row(typed);
  EXPECT_EQ(row["equation"], "max(0, x)");
  EXPECT_EQ(row["others"][column_by_hand]["by"], "relu by hand, plain_kernel");
  EXPECT_NEAR(ratio(row, column_by_hand), 0.98, 1e-6);
  EXPECT_EQ(row["first_run"]["compiled_seconds"], 0.8);
  EXPECT_EQ(row["first_run"]["disk_seconds"], 5e-3);
  for (const json& g : row["goals"]) {
    const double needed = g["goal"] == "equation" ? 0.98 : g["goal"] == "first_run" ? 1 / 0.8 : 0;
    if (needed > 0) {
      EXPECT_NEAR(g["value"].get<double>(), needed, 1e-6) << g;
    }
  }
  run.of(gpu_task::by_hand)[0].error = 2;
  EXPECT_EQ(run.row(typed)["check"]["wrong_arm"], "relu by hand, plain_kernel");

  planted_run other;
  const json plain = other.row();
  EXPECT_TRUE(plain["others"][column_by_hand]["ratio"].is_null());
  EXPECT_TRUE(plain["first_run"].is_null());
  const auto& calls = other.layer->calls;
  EXPECT_EQ(std::count(calls.begin(), calls.end(), std::pair(gpu_task::by_hand, 0)), 0);
}

TEST(gpu_contest, a_planted_wrong_answer_is_reported_as_wrong) {
  for (const gpu_task task : {gpu_task::fused, gpu_task::plain, gpu_task::unfused}) {
    planted_run run;
    for (planted_arm& a : run.of(task)) a.error = 1.5;
    EXPECT_EQ(run.row()["verdict"], "WRONG") << int(task);
  }
  planted_run lazy;
  lazy.fused().writes = false;
  const json row = lazy.row();
  EXPECT_EQ(row["verdict"], "WRONG");
  EXPECT_EQ(row["check"]["wrong_arm"], "fused");
  for (const json& goal : row["goals"]) EXPECT_EQ(goal["state"], "not measured") << goal;
}

TEST(gpu_contest, a_planted_slow_arm_is_reported_as_slower) {
  planted_run run;
  run.fused().seconds = 2e-4;
  EXPECT_EQ(run.row()["verdict"], "SLOWER");
  run.fused().seconds = 1.5e-4;
  EXPECT_EQ(run.row()["verdict"], "SAME");
  run.fused().refuses = true;
  const json row = run.row();
  EXPECT_EQ(row["verdict"], "FAILED");
  EXPECT_EQ(row["failure"], "planted refusal");
}

TEST(gpu_contest, heuristics_that_are_wrong_or_refuse_are_counted_and_never_win) {
  planted_run run;
  run.of(gpu_task::product)[1].error = 2;
  run.of(gpu_task::epilogue)[0].refuses = true;
  const json row = run.row();
  EXPECT_EQ(row["heuristics"]["wrong"], 1);
  EXPECT_EQ(row["bare_by"], "cuBLASLt, heuristic 1 of 3");
  EXPECT_NEAR(ratio(row, column_epilogue), 1.2, 1e-6);
}

TEST(gpu_contest, a_default_that_fails_spoils_no_row) {
  for (const bool refuses : {true, false}) {
    planted_run run;
    if (refuses) run.of(gpu_task::product)[0].refuses = true;
    else run.of(gpu_task::product)[0].error = 3;
    const json row = run.row();
    EXPECT_EQ(row["verdict"], "FASTER");
    EXPECT_EQ(row["others"][column_default]["missing"], "its first heuristic fails here");
  }
}

TEST(gpu_contest, arms_that_cublaslt_has_not_got_are_left_out_with_the_reason) {
  planted_run run;
  run.layer->reasons[gpu_task::epilogue] = "no such epilogue";
  json row = run.row();
  EXPECT_EQ(row["verdict"], "FASTER");
  EXPECT_TRUE(row["others"][column_epilogue]["ratio"].is_null());
  EXPECT_EQ(row["others"][column_epilogue]["missing"], "no such epilogue");
  EXPECT_NEAR(ratio(row, column_plain), 0.95, 1e-6) << "the columns stay in their places";

  planted_run alone;
  for (const gpu_task task : {gpu_task::product, gpu_task::epilogue}) alone.layer->reasons[task] = "no e4m3 here";
  row = alone.row();
  EXPECT_EQ(row["verdict"], "FASTER");
  EXPECT_EQ(row["unfused_by"], "gemmact's own product (no e4m3 here), then one kernel");
  EXPECT_EQ(row["bare_missing"], "no e4m3 here");
  EXPECT_TRUE(row["bare_share"].is_null());
  EXPECT_TRUE(row["others"][column_default]["ratio"].is_null());
  const auto& calls = alone.layer->calls;
  EXPECT_GT(std::count(calls.begin(), calls.end(), std::pair(gpu_task::unfused, own_product)), 20);

  planted_run all_refuse;
  for (planted_arm& a : all_refuse.of(gpu_task::product)) a.refuses = true;
  EXPECT_NE(all_refuse.row()["bare_missing"].get<std::string>().find("planted refusal"), std::string::npos);
}

TEST(gpu_contest, a_product_is_tried_once_and_its_epilogue_once_a_function) {
  planted_run run;
  run.row();
  const auto tried = [&](const bench_case& c, gpu_task task) {
    run.layer->calls.clear();
    const measure_settings settings = run.settings();
    make_gpu_workload(run.layer, c, settings, run.memory);
    return std::any_of(run.layer->calls.begin(), run.layer->calls.end(),
                       [&](const auto& made) { return made.first == task; });
  };
  EXPECT_FALSE(tried(square, gpu_task::product));
  EXPECT_FALSE(tried(square, gpu_task::epilogue));
  bench_case other = square;
  other.function = "gelu_tanh";
  EXPECT_TRUE(tried(other, gpu_task::epilogue));
  other.function = "linear";
  EXPECT_FALSE(tried(other, gpu_task::product));
  other.compute = GEMMACT_COMPUTE_TF32, other.type = GEMMACT_F32;
  EXPECT_TRUE(tried(other, gpu_task::product));
}

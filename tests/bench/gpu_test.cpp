// The arms of the benchmark on a GPU. Exit status 77 where there is none.
#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <vector>

#include "bench/core/ncu_report.hpp"
#include "bench/core/oracle.hpp"
#include "bench/core/sample.hpp"
#include "bench/gpu/activation_pass.hpp"
#include "bench/gpu/gpu_cases.hpp"
#include "bench/gpu/gpu_profile.hpp"
#include "bench/gpu/gpu_roofs.hpp"

using namespace gemmact_bench;

namespace {

constexpr int64_t cold_bytes = 1 << 20;
constexpr gemmact_type types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16};

// f(z + bias), its gated pair or a maxout, by the kernel and by the references.
void pass_is_right(const std::string& name, gemmact_type type, const combination& c, int64_t rows, int64_t cols) {
  pool threads(1);
  const gemmact_combine combine = c.combine;
  const int64_t wide = cols * c.pieces, elements = rows * wide;
  const store z(type, elements, 7, 2, threads), bias(GEMMACT_F32, wide, 8, 1, threads);
  const device_memory in(z.at(0), size_t(elements * bytes_of(type))), b(bias.at(0), size_t(wide) * sizeof(float)),
      out(size_t(rows * cols * bytes_of(type)));
  const std::vector<float> targets(size_t(rows), -1.0f);
  const device_memory t(targets.data(), targets.size() * sizeof(float));
  out.poison();
  const baseline_function function(name);
  gpu_pass_job job;
  job.z = in.data(), job.bias = static_cast<const float*>(b.data()), job.out = out.data();
  job.rows = rows, job.cols = cols, job.type = type, job.combine = combine, job.pieces = c.pieces,
  job.function = name.c_str();
  std::copy(std::begin(function.parameters), std::end(function.parameters), job.params);
  job.targets = static_cast<const float*>(t.data()), job.target_param = function.target_param;
  const gpu_pass_result done = run_gpu_pass(job);
  ASSERT_TRUE(done.known);
  ASSERT_EQ(done.error, 0);
  std::vector<char> stored(out.bytes());
  out.read(0, stored.data(), stored.size());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j) {
      const auto at = [&](int64_t column) {
        return plus({z.floats_at(i * wide)[column], 0}, bias.floats_at(0)[column]);
      };
      approximate expected = combine == GEMMACT_MAXOUT ? at(j) : function_oracle(name, -1).value(at(j), gpu_tolerance);
      if (combine == GEMMACT_GATED) expected = times(expected, at(j + cols));
      for (int p = 1; combine == GEMMACT_MAXOUT && p < c.pieces; ++p) expected = larger(expected, at(j + p * cols));
      ASSERT_LE(error_of(type, element(type, stored.data(), i * cols + j), expected), 1)
          << name << ", " << name_of(type) << ", " << name_of(combine) << ", row " << i << ", column " << j;
    }
}

}  // namespace

TEST(gpu_pass, every_function_type_and_combination) {
  for (const std::string& name : catalogue_names())
    for (const gemmact_type type : types)
      for (const int64_t cols : {1, 64, 67, 264}) {
        pass_is_right(name, type, {GEMMACT_PLAIN, 1}, 37, cols);
        pass_is_right(name, type, {GEMMACT_GATED, 2}, 37, cols);
      }
  for (const gemmact_type type : types)
    for (const int pieces : {2, 4, 8}) pass_is_right("", type, {GEMMACT_MAXOUT, pieces}, 37, 67);
}

TEST(gpu_pass, a_function_that_is_not_there) {
  gpu_pass_job job;
  job.rows = job.cols = 1;
  job.function = "no_such_function";
  EXPECT_FALSE(run_gpu_pass(job).known);
}

TEST(gpu_pass, a_launch_that_fails_tells_its_error) {
  gpu_pass_job job;
  job.rows = 0, job.cols = 1;  // no block
  job.type = GEMMACT_F32, job.function = "relu";
  const gpu_pass_result done = run_gpu_pass(job);
  EXPECT_TRUE(done.known);
  EXPECT_EQ(done.error, int(cudaErrorInvalidConfiguration));
  EXPECT_EQ(cudaGetLastError(), cudaSuccess) << "and leaves none behind";
}

namespace {

struct device_run {
  context device{"cuda:0"};
  gpu_environment environment{device, cold_bytes, 100};
  measure_settings settings{.least_rounds = 3, .most_rounds = 3, .case_seconds = 0, .slot_seconds = 1e-4};
  device_run() { settings.time = queue_timer(environment.queue, 4); }
  outcome of(const workload& w) {
    return measure(w.arms, settings, [](int, int) {});
  }
};

}  // namespace

TEST(gpu_forward, an_equation_is_right_and_compiled_once) {
  device_run run;
  bench_case c{"test", "tiny", 300, 264, 264, GEMMACT_BF16, "swish", GEMMACT_PLAIN, GEMMACT_FORWARD};
  c.equation = "x / (1 + exp(-x))";
  const workload w = make_gpu_case(run.environment, c, run.settings);
  const outcome o = run.of(w);
  EXPECT_EQ(o.wrong_arm, "") << o.worst_error;
  EXPECT_EQ(o.others[column_by_hand].missing, "");
  EXPECT_GT(w.first.from_disk, 0);
  EXPECT_LT(w.first.from_disk, 0.5 * w.first.compiled);
}

TEST(gpu_forward, every_arm_is_right_and_one_that_does_nothing_is_wrong) {
  device_run run;
  for (const int64_t m : {64, 300}) {  // with other weights at each call, and with the same
    const bench_case c{"test", "tiny", m, 264, 264, GEMMACT_BF16, "gelu", GEMMACT_PLAIN, GEMMACT_FORWARD};
    workload w = make_gpu_case(run.environment, c, run.settings);
    EXPECT_EQ(w.cold, m == 64);
    EXPECT_EQ(w.arms.cycle > 1, m == 64);
    EXPECT_GT(w.chosen.timed, 0);
    EXPECT_EQ(w.chosen.wrong, 0);
    const outcome o = run.of(w);
    EXPECT_EQ(o.wrong_arm, "") << o.worst_error;
    EXPECT_EQ(o.others.size(), gpu_columns().size());
    EXPECT_GT(o.fused.median, 0);
    w = make_gpu_case(run.environment, c, run.settings);
    w.arms.fused.call = [] {};
    EXPECT_EQ(run.of(w).wrong_arm, "fused");
    w = make_gpu_case(run.environment, c, run.settings);
    w.arms.fused.call = [work = w.arms.fused.call, calls = 0]() mutable {
      if (calls++ == 0) work();  // what it wrote is no result of later turns
    };
    EXPECT_EQ(run.of(w).wrong_arm, "fused");
  }
}

// What the library or cuBLASLt does not take is left out; what runs is right, cuBLASLt's own epilogues among it.
TEST(gpu_forward, every_precision_and_accuracy) {
  device_run run;
  int measured = 0;
  for (const char* precision_name : {"f32", "tf32", "f16", "bf16", "e4m3"})
    for (const char* function : {"linear", "relu", "gelu_tanh", "tanh"})
      for (const gemmact_accuracy accuracy : {GEMMACT_ACCURATE, GEMMACT_FAST}) {
        const precision p = *precision_from(precision_name);
        const bench_case c{"test",        "tiny",          320,       256,     512, p.type, function,
                           GEMMACT_PLAIN, GEMMACT_FORWARD, p.compute, accuracy};
        try {
          const workload w = make_gpu_case(run.environment, c, run.settings);
          const outcome o = run.of(w);
          EXPECT_EQ(o.wrong_arm, "") << c.name() << ": " << o.worst_error;
          EXPECT_EQ(o.others[column_epilogue].missing.empty() || !o.bare_missing.empty(),
                    function != std::string("tanh"))
              << c.name() << ": " << o.others[column_epilogue].missing;
          ++measured;
        } catch (const case_left_out& reason) {
          std::printf("%s: %s\n", c.name().c_str(), reason.what());
        }
      }
  EXPECT_GE(measured, 8);
}

TEST(gpu_backward, every_arm_is_right_and_one_that_does_nothing_is_wrong) {
  device_run run;
  const auto backward = [](const char* numbers, const char* function, gemmact_operation operation) {
    const precision p = *precision_from(numbers);
    return bench_case{"test", "tiny", 320, 256, 512, p.type, function, GEMMACT_PLAIN, operation, p.compute};
  };
  std::vector<bench_case> cases;
  for (const char* numbers : {"f32", "tf32", "f16", "bf16"}) {
    for (const char* function : {"relu", "gelu_tanh", "swish"})
      for (const gemmact_operation operation : {GEMMACT_ACTIVATION_GRAD, GEMMACT_INPUT_GRAD})
        cases.push_back(backward(numbers, function, operation));
    cases.push_back(backward(numbers, "", GEMMACT_WEIGHT_GRAD));
  }
  std::set<gemmact_operation> measured;
  for (const bench_case& c : cases) try {
      const outcome o = run.of(make_gpu_case(run.environment, c, run.settings));
      EXPECT_EQ(o.wrong_arm, "") << c.name() << ": " << o.worst_error;
      const std::string& missing = o.others[column_epilogue].missing;
      // The order of a mask's bits is not documented: were it another one, this would say so.
      EXPECT_EQ(missing.find("is wrong"), std::string::npos) << c.name() << ": " << missing;
      if (!missing.empty()) std::printf("%s: %s\n", c.name().c_str(), missing.c_str());
      workload lazy = make_gpu_case(run.environment, c, run.settings);
      lazy.arms.fused.call = [] {};
      EXPECT_EQ(run.of(lazy).wrong_arm, "fused") << c.name();
      measured.insert(c.operation);
    } catch (const case_left_out& reason) {
      std::printf("%s: %s\n", c.name().c_str(), reason.what());
    }
  EXPECT_EQ(measured.size(), 3u);
}

TEST(gpu_roofs, loops_and_memory_take_time) {
  device_run run;
  const measured_roofs found = measure_roofs(run.environment);
  EXPECT_GT(found.read_bytes_per_second, 1e10);
  EXPECT_GT(found.copy_bytes_per_second, 1e10);
  for (const char* name : {"f32", "tf32", "f16", "bf16"}) EXPECT_GT(found.loop_flops.at(name), 1e12) << name;
  EXPECT_EQ(found.loop_flops.count("e4m3") + found.loop_missing.count("e4m3"), 1u);
  // A loop that a compiler had left out would beat the data sheet.
  cudaDeviceProp properties{};
  ASSERT_EQ(cudaGetDeviceProperties(&properties, 0), cudaSuccess);
  const std::string capability = std::to_string(properties.major) + "." + std::to_string(properties.minor);
  int khz = 0;
  ASSERT_EQ(cudaDeviceGetAttribute(&khz, cudaDevAttrClockRate, 0), cudaSuccess);
  for (const auto& [name, flops] : found.loop_flops) {
    const double most =
        peak_flop_per_clock(capability, *precision_from(name)) * properties.multiProcessorCount * 1e3 * khz;
    if (most > 0) {
      EXPECT_LT(flops, 1.05 * most) << name;
    }
  }
}

TEST(gpu_profile, a_case_runs_between_start_and_stop) {
  device_run run;
  testing::internal::CaptureStdout();
  run_gpu_profile(run.environment,
                  {"test", "tiny", 320, 256, 512, GEMMACT_BF16, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD}, run.settings);
  const profile_times times = parse_profile_times(testing::internal::GetCapturedStdout());
  EXPECT_EQ(times.name, "forward/relu/bf16/tiny");
  EXPECT_GT(times.fused_seconds, 0);
  EXPECT_GT(times.plain_seconds, 0);
}

int main(int argc, char** argv) {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: there is no GPU");
    return 77;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

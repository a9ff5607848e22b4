#include "bench/core/workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bench/core/forward_layer.hpp"
#include "bench/core/oracle.hpp"
#include "bench/core/runner.hpp"
#include "bench/core/sample.hpp"

using namespace gemmact_bench;

namespace {

bench_environment& environment() {
  static const context device("cpu");
  static bench_environment all(device, 1 << 20);
  return all;
}

bench_case tiny(gemmact_type type, const std::string& function, gemmact_combine combine, gemmact_operation operation) {
  return {"test", "tiny", 21, 34, 77, type, function, combine, operation};
}

std::vector<bench_case> all_kinds() {
  std::vector<bench_case> all;
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16}) {
    for (const char* function : {"relu", "gelu", "hinge", "prelu"})
      all.push_back(tiny(type, function, GEMMACT_PLAIN, GEMMACT_FORWARD));
    for (const gemmact_combine combine : {GEMMACT_PLAIN, GEMMACT_GATED}) {
      all.push_back(tiny(type, "swish", combine, GEMMACT_FORWARD));
      all.push_back(all.back());
      all.back().equation = "x / (1 + exp(-x))";
    }
    for (const int pieces : {2, 4, 8}) {
      all.push_back(tiny(type, "", GEMMACT_MAXOUT, GEMMACT_FORWARD));
      all.back().maxout_pieces = pieces;
    }
    all.push_back(tiny(type, "gelu", GEMMACT_PLAIN, GEMMACT_ACTIVATION_GRAD));
    all.push_back(tiny(type, "tanh", GEMMACT_PLAIN, GEMMACT_INPUT_GRAD));
    all.push_back(tiny(type, "", GEMMACT_PLAIN, GEMMACT_WEIGHT_GRAD));
  }
  return all;
}

outcome quickly(const contest& arms) {
  return measure(arms, {.least_rounds = 3, .most_rounds = 3, .case_seconds = 0, .slot_seconds = 0}, [](int, int) {});
}

}  // namespace

// Every arm, that is every library and way of conversion, computes what the oracle says.
TEST(workload, all_arms_of_all_kinds_are_right) {
  for (const bench_case& c : all_kinds()) {
    const workload w = make_workload(environment(), c);
    std::vector<arm> arms = w.arms.unfused;
    arms.insert(arms.end(), w.arms.bare.begin(), w.arms.bare.end());
    arms.push_back(w.arms.fused);
    ASSERT_EQ(w.arms.others.size(), 1u) << c.name();
    EXPECT_EQ(w.arms.others[column_by_hand].missing.empty(), !c.equation.empty()) << c.name();
    if (!c.equation.empty()) arms.push_back(w.arms.others[column_by_hand]);
    for (const arm& a : arms)
      for (unsigned seed = 0; seed < 40; ++seed) {
        if (seed % 10 == 0) a.call();
        EXPECT_LE(a.check(seed), 1) << c.name() << ", " << a.name << ", seed " << seed;
      }
  }
}

// Waking a thread takes longer than these cases: a baseline that does would flatter the fused arm.
TEST(workload, the_baseline_of_tiny_cases_wakes_no_thread) {
  for (const bench_case& c : all_kinds()) {
    const workload w = make_workload(environment(), c);
    const int64_t before = environment().threads.wakings();
    for (const arm& a : w.arms.unfused)
      if (a.name != "two passes") a.call();
    EXPECT_EQ(environment().threads.wakings(), before) << c.name();
  }
  const workload large = make_workload(
      environment(), {"test", "large", 256, 1024, 64, GEMMACT_F32, "tanh", GEMMACT_PLAIN, GEMMACT_FORWARD});
  const int64_t before = environment().threads.wakings();
  for (const arm& a : large.arms.unfused) a.call();
  if (environment().threads.threads() > 1) {
    EXPECT_GE(environment().threads.wakings(), before + 2);
  }
}

TEST(workload, cold_weights_of_few_rows_change_and_stay_right) {
  bench_case c = tiny(GEMMACT_BF16, "swish", GEMMACT_PLAIN, GEMMACT_FORWARD);
  c.m = 1, c.n = 300, c.k = 257;
  ASSERT_TRUE(is_cold(c));
  const workload w = make_workload(environment(), c);
  for (int i = 0; i < 20; ++i) {
    w.arms.fused.call();
    EXPECT_LE(w.arms.fused.check(unsigned(i)), 1);
  }
}

// The detector's own test: arms that write nothing leave poison, and a stale result of other weights is no result.
TEST(workload, an_arm_that_does_nothing_is_wrong) {
  for (const bench_case& c : all_kinds()) {
    workload w = make_workload(environment(), c);
    w.arms.fused.call = [] {};
    const outcome o = quickly(w.arms);
    EXPECT_EQ(o.compared.result, verdict::wrong) << c.name();
    EXPECT_EQ(o.wrong_arm, "fused") << c.name();
  }
}

TEST(workload, an_arm_with_the_wrong_function_is_wrong) {
  const bench_case right = tiny(GEMMACT_F32, "gelu", GEMMACT_PLAIN, GEMMACT_FORWARD);
  const bench_case close = tiny(GEMMACT_F32, "gelu_tanh", GEMMACT_PLAIN, GEMMACT_FORWARD);
  const workload w = make_workload(environment(), right), other = make_workload(environment(), close);
  contest arms = w.arms;
  arms.fused.call = other.arms.fused.call;
  arms.fused.check = w.arms.fused.check;
  EXPECT_EQ(quickly(arms).compared.result, verdict::wrong);
}

// The fused arm has the text, the other one has not.
TEST(workload, an_equation_that_is_another_function_is_wrong) {
  bench_case c = tiny(GEMMACT_F32, "gelu", GEMMACT_PLAIN, GEMMACT_FORWARD);
  c.equation = "0.5 * x * (1 + tanh(0.8 * (x + 0.044715 * x^3)))";
  const workload other = make_workload(environment(), c);
  const outcome o = quickly(other.arms);
  EXPECT_EQ(o.compared.result, verdict::wrong);
  EXPECT_EQ(o.wrong_arm, "fused");
  EXPECT_LE(other.arms.others[column_by_hand].check(1), 1);
  c.equation = "x * 0.5 * (1 + erf(x / sqrt(2)))";
  EXPECT_EQ(quickly(make_workload(environment(), c).arms).wrong_arm, "");
  workload lazy = make_workload(environment(), c);
  lazy.arms.others[column_by_hand].call = [] {};
  EXPECT_EQ(quickly(lazy.arms).wrong_arm, "gelu by hand");
}

TEST(workload, what_throws_is_a_failed_row) {
  const run_result result = run_cases({tiny(GEMMACT_F32, "no_such_function", GEMMACT_PLAIN, GEMMACT_FORWARD)},
                                      [](const bench_case& c) { return make_workload(environment(), c); },
                                      {.least_rounds = 1, .most_rounds = 1, .case_seconds = 0, .slot_seconds = 0},
                                      {[](size_t, const bench_case&, int, int) {}, [](const report_row&) {}});
  const auto& rows = result.rows;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(result.left_out.empty());
  EXPECT_EQ(rows[0].result(), verdict::failed);
  EXPECT_NE(rows[0].failure.find("no_such_function"), std::string::npos) << rows[0].failure;
}

TEST(workload, what_has_no_arms_is_left_out_and_counted) {
  const auto refuse_bf16 = [](const bench_case& c) {
    if (c.type == GEMMACT_BF16) throw case_left_out("no arms for bf16");
    return make_workload(environment(), c);
  };
  int preheats = 0, told = 0;
  measure_settings settings{.least_rounds = 1, .most_rounds = 1, .case_seconds = 0, .slot_seconds = 0};
  settings.preheat = [&](const arm&) { ++preheats; };
  std::vector<bench_case> cases;
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F32, GEMMACT_BF16, GEMMACT_F32})
    cases.push_back(tiny(type, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD));
  const run_result result = run_cases(cases, refuse_bf16, settings,
                                      {[](size_t, const bench_case&, int, int) {}, [&](const report_row&) { ++told; }});
  EXPECT_EQ(result.rows.size(), 2u);
  EXPECT_EQ(result.left_out, (std::map<std::string, int>{{"no arms for bf16", 2}}));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(preheats, 1);  // before the first that is measured
}

// Each case takes ten seconds of a clock of its own.
TEST(workload, what_the_time_does_not_suffice_for_is_left_out_and_named) {
  const auto cases_within = [](double seconds) {
    double clock = 100;
    std::vector<bench_case> cases(5, tiny(GEMMACT_F32, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD));
    for (size_t i = 0; i < cases.size(); ++i) cases[i].shape_name = "case_" + std::to_string(i);
    const auto make = [&](const bench_case& c) {
      clock += 10;
      return make_workload(environment(), c);
    };
    measure_settings settings{.least_rounds = 1, .most_rounds = 1, .case_seconds = 0, .slot_seconds = 0};
    settings.preheat = [](const arm&) {};
    return run_cases(cases, make, settings, {[](size_t, const bench_case&, int, int) {}, [](const report_row&) {}},
                     {seconds, [&] { return clock; }});
  };
  const run_result some = cases_within(35);
  EXPECT_EQ(some.rows.size(), 3u);
  EXPECT_EQ(some.not_reached, (std::vector<std::string>{"forward/relu/f32/case_3", "forward/relu/f32/case_4"}));
  EXPECT_EQ(some.left_out, (std::map<std::string, int>{{"the time was up (--seconds)", 2}}));
  EXPECT_EQ(cases_within(1).rows.size(), 1u) << "one is always measured";
  EXPECT_EQ(cases_within(50).rows.size(), 5u);
  EXPECT_EQ(cases_within(0).rows.size(), 5u);
  EXPECT_TRUE(cases_within(0).not_reached.empty());
}

TEST(workload, a_cpu_has_no_baseline_of_tf32_and_e4m3) {
  bench_case c = tiny(GEMMACT_F32, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD);
  c.compute = GEMMACT_COMPUTE_TF32;
  EXPECT_THROW(make_workload(environment(), c), case_left_out);
  EXPECT_THROW(make_workload(environment(), tiny(GEMMACT_E4M3, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD)), case_left_out);
}

// The CPU device's own results, in every precision and accuracy that a GPU's cases have, lie within the oracle's bounds;
// a product that cuts its operands to tf32 lies outside of the nearest's bound somewhere.
TEST(forward_layer, precisions_and_accuracies_as_the_library_computes_them) {
  for (const precision p :
       {precision{GEMMACT_F32, GEMMACT_COMPUTE_TF32}, precision{GEMMACT_E4M3}, precision{GEMMACT_BF16}})
    for (const gemmact_accuracy accuracy : {GEMMACT_ACCURATE, GEMMACT_FAST})
      for (const char* function : {"gelu_tanh", "tanh", "relu"}) {
        bench_case c = tiny(p.type, function, GEMMACT_PLAIN, GEMMACT_FORWARD);
        c.compute = p.compute, c.accuracy = accuracy;
        const forward_layer layer(environment().stores, c, false);
        fused_layer fused(environment().device, layer.problem(), layer.tensors(true));
        const buffer y(size_t(c.m * c.n * bytes_of(c.output_type())));
        poison(y);
        fused.bind(0, layer.x.data());
        fused.bind(1, y.data());
        fused.bind(2, layer.w.data());
        fused.bind(3, layer.bias);
        fused.run();
        for (int64_t i = 0; i < c.m; ++i)
          for (int64_t j = 0; j < c.n; ++j)
            ASSERT_LE(error_of(c.output_type(), element(c.output_type(), y.data(), i * c.n + j), layer.output_at(i, j)),
                      1)
                << c.name() << " " << i << " " << j;
      }
}

TEST(oracle, what_a_product_is_granted) {
  const float a[2] = {1, -2}, b[2] = {3, 5};
  const double sizes = 13;
  const approximate f32 = dot(a, 1, b, 1, 2, extra_error({GEMMACT_F32}, {operand_rounding::cut_off}));
  EXPECT_EQ(f32.error, 5 * 0x1p-24 * sizes);
  const auto extra = [&](precision p, product_path path) {
    return dot(a, 1, b, 1, 2, extra_error(p, path)).error - f32.error;
  };
  const precision tf32{GEMMACT_F32, GEMMACT_COMPUTE_TF32};
  EXPECT_NEAR(extra(tf32, {}), 0x1p-10 * sizes, 1e-12);
  EXPECT_NEAR(extra(tf32, {operand_rounding::cut_off}), 0x1p-9 * sizes, 1e-12);
  EXPECT_EQ(extra({GEMMACT_E4M3}, {operand_rounding::cut_off}), 0);
  EXPECT_NEAR(extra({GEMMACT_E4M3}, {.short_sums = true}), 0x1p-6 / (1 - 0x1p-6) * sizes, 1e-12);
  EXPECT_EQ(extra({GEMMACT_BF16}, {operand_rounding::cut_off, true}), 0);
}

TEST(oracle, who_sums_e4m3_shortly) {
  for (const int architecture : {80, 86, 90, 100, 103}) EXPECT_FALSE(sums_e4m3_shortly("gemm_sm80", architecture));
  for (const int architecture : {89, 120, 121}) EXPECT_TRUE(sums_e4m3_shortly("gemm_sm80", architecture));
  EXPECT_FALSE(sums_e4m3_shortly("gemm_simt", 89));
  EXPECT_TRUE(sums_e4m3_shortly("a family to come", 90));
}

// The library's own arms are held to f32 sums of e4m3 where they have them. Planted: 64 of k's 4096 products are left out.
TEST(oracle, a_slice_of_k_that_was_dropped_is_wrong_in_e4m3) {
  bench_case c = tiny(GEMMACT_E4M3, "linear", GEMMACT_PLAIN, GEMMACT_FORWARD);
  c.m = 3, c.n = 16, c.k = 4096;
  const forward_layer layer(environment().stores, c, false);
  fused_layer fused(environment().device, layer.problem(), layer.tensors(true));
  const buffer y(size_t(c.m * c.n) * 2), x(size_t(c.m * c.k));
  fused.bind(0, x.data());
  fused.bind(1, y.data());
  fused.bind(2, layer.w.data());
  fused.bind(3, layer.bias);
  const auto worst_without = [&](int64_t dropped, int64_t count, bool short_sums) {
    std::memcpy(x.data(), layer.x.data(), x.bytes());
    for (int64_t i = 0; i < c.m; ++i) std::memset(static_cast<char*>(x.data()) + i * c.k + dropped, 0, size_t(count));
    fused.run();
    double worst = 0;
    for (int64_t i = 0; i < c.m; ++i)
      for (int64_t j = 0; j < c.n; ++j)
        worst = std::max(worst, error_of(GEMMACT_BF16, element(GEMMACT_BF16, y.data(), i * c.n + j),
                                         layer.output_at(i, j, {.product = {.short_sums = short_sums}})));
    return worst;
  };
  EXPECT_LE(worst_without(0, 0, false), 1);
  for (const int64_t dropped : {0, 1984, 4032}) EXPECT_GT(worst_without(dropped, 64, false), 1) << dropped;
  EXPECT_LE(worst_without(0, 64, true), 1) << "why the bound of short sums is not for those that are not";
}

TEST(oracle, what_fast_is_granted) {
  const auto more = [](const char* name, double z) {
    const function_oracle f(name);
    return f.value({z, 0}, 0, GEMMACT_FAST).error - f.value({z, 0}).error;
  };
  EXPECT_NEAR(more("tanh", 0.5), 0x1p-11 * std::tanh(0.5), 1e-9);
  EXPECT_NEAR(more("gelu_tanh", 0.5), 0x1p-12, 1e-9);
  EXPECT_NEAR(more("gelu_tanh", -4), 0x1p-10, 1e-9);
}

TEST(store, a_narrow_type_and_its_values_as_f32) {
  for (const gemmact_type type : {GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3}) {
    const store s(type, 1000, 3, 1, environment().threads);
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(double(s.floats_at(0)[i]), element(type, s.at(0), i));
      EXPECT_EQ(s.at(i), static_cast<const char*>(s.at(0)) + i * bytes_of(type));
      sum += double(s.floats_at(0)[i]) * double(s.floats_at(0)[i]);
    }
    EXPECT_NEAR(sum / 1000, 1, 0.2) << name_of(type);
  }
}

TEST(forward_layer, what_is_promised_of_a_later_piece) {
  bench_case c = tiny(GEMMACT_BF16, "swish", GEMMACT_GATED, GEMMACT_FORWARD);
  c.n = 6, c.k = 4;  // the second W begins at byte 48, its bias at byte 24
  const forward_layer layer(environment().stores, c, false);
  std::vector<uint32_t> promised;
  for (const gemmact_tensor& t : layer.tensors(true, 128)) promised.push_back(t.align_bytes);
  EXPECT_EQ(promised, (std::vector<uint32_t>{128, 128, 128, 128, 16, 8}));
  EXPECT_EQ(layer.tensors(false).size(), 4u);
  for (const gemmact_tensor& t : layer.tensors(true)) EXPECT_EQ(t.align_bytes, 0u);
}

TEST(tensor, a_cold_one_comes_again_after_its_places) {
  input_stores& stores = environment().stores;
  tensor t(stores.weights(GEMMACT_BF16, 300, true), 300, true);
  t.keep_within(1000);  // at 0, 320 and 640
  EXPECT_EQ(t.places(), 3);
  std::vector<int64_t> starts;
  for (int i = 0; i < 4; ++i, t.next()) starts.push_back(t.start());
  EXPECT_EQ(starts, (std::vector<int64_t>{0, 320, 640, 0}));
  EXPECT_EQ(tensor(stores.weights(GEMMACT_BF16, 300, true), 300, false).places(), 1);
  tensor bytes(stores.weights(GEMMACT_E4M3, 300, true), 300, true);
  bytes.next();
  EXPECT_EQ(bytes.start(), 384) << "every place is at a multiple of 128 bytes";
}

// From a W that many fit between its uses to one that is larger than all that is to be read between them.
TEST(forward_layer, a_rotated_w_is_another_one_at_each_call_whatever_its_size) {
  constexpr int64_t l2 = 1 << 20, cold = l2 / 2 * 5;
  input_stores stores(environment().threads, cold);
  for (const double size : {0.125, 1.0, 1.25, 1.5, 2.5, 3.0}) {
    bench_case c = tiny(GEMMACT_F16, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD);
    c.m = 1, c.n = int64_t(size * 1024), c.k = 512;
    forward_layer layer(stores, c, true);
    const int64_t bytes = c.weights() * 2, first = layer.w.start();
    EXPECT_GE(layer.w.places(), 2) << size;
    EXPECT_GE(layer.w.places() * bytes, cold) << size;
    for (int64_t call = 1; call < layer.w.places(); ++call) {
      layer.w.next();
      EXPECT_NE(layer.w.start(), first) << size;
    }
    layer.w.next();
    EXPECT_EQ(layer.w.start(), first) << size;
  }
}

TEST(workload, a_tiny_w_is_not_rotated) {
  bench_case c = tiny(GEMMACT_BF16, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD);
  c.m = 200, c.n = 64, c.k = 64;
  EXPECT_FALSE(is_cold(c, most_cold_rows_on_gpu));
  c.n = c.k = 256;
  EXPECT_TRUE(is_cold(c, most_cold_rows_on_gpu));
  EXPECT_FALSE(is_cold(c)) << "nor are so many rows on a CPU";
  c.m = 257;
  EXPECT_FALSE(is_cold(c, most_cold_rows_on_gpu));
}

TEST(oracle, what_a_gpu_is_granted) {
  const approximate z{0.7, 0};
  const approximate cpu = function_oracle("gelu").value(z), gpu = function_oracle("gelu").value(z, gpu_tolerance);
  EXPECT_EQ(gpu.value, cpu.value);
  EXPECT_NEAR(gpu.error - cpu.error, 1e-6 * cpu.value, 1e-12);
}

TEST(oracle, a_product_that_was_rounded_before_the_function) {
  const approximate z{1.0, 0};
  EXPECT_EQ(rounded(GEMMACT_F32, z).error, 0);
  EXPECT_EQ(rounded(GEMMACT_BF16, z).error, 0x1p-8);
  EXPECT_GT(rounded(GEMMACT_F16, z).error, 0x1p-11);
  EXPECT_LT(rounded(GEMMACT_F16, z).error, 0x1.01p-11);
}

// One unit in the last place of the type is allowed, three are not.
TEST(oracle, errors_at_the_bound) {
  const approximate one{1.0, 0};
  for (const auto& [type, unit] :
       {std::pair(GEMMACT_F32, 0x1p-24), std::pair(GEMMACT_F16, 0x1p-11), std::pair(GEMMACT_BF16, 0x1p-8)}) {
    EXPECT_LE(error_of(type, 1 + unit, one), 1);
    EXPECT_GT(error_of(type, 1 + 3 * unit, one), 1);
    EXPECT_GT(error_of(type, NAN, one), 1);
    EXPECT_GT(error_of(type, INFINITY, one), 1);
  }
}

// A report as a GPU would give it, with every number made up by a formula: to test and to look at what is made of it.
// Nothing of it was measured, and it says so wherever it says what it is of.
#pragma once
#include <algorithm>
#include <cmath>

#include "bench/core/gpu_contest.hpp"
#include "bench/report/report.hpp"
#include "tests/bench/default_set.hpp"

namespace gemmact_bench {

class synthetic_report {
 public:
  static report make(const std::string& shapes) {
    report r;
    r.setting = setting();
    for (const bench_case& c : default_gpu_set(shapes).cases) r.rows.push_back(row(c, int(r.rows.size())));
    r.left_out = {{"the time was up (--seconds)", 1}};
    r.not_reached = {"forward/gelu/bf16/made_up"};
    return r;
  }

 private:
  static report_setting setting() {
    report_setting s;
    s.device = "cuda:0";
    s.description = s.instruction_set = "SYNTHETIC";
    s.mode = "default";
    s.baselines = {"SYNTHETIC: no library ran"};
    s.budget_seconds = 240;
    s.gpu = gpu_facts{};
    s.gpu->name = "SYNTHETIC (every number is made up, no GPU was measured)";
    s.gpu->compute_capability = "9.0";
    s.gpu->driver = s.gpu->runtime = s.gpu->toolkit = s.gpu->cublas = s.gpu->l2_policy = "SYNTHETIC";
    s.gpu->multiprocessors = 132;
    s.gpu->l2_bytes = 50 << 20;
    s.gpu->clock_limit_mhz = 1980;
    s.gpu->roofs.read_bytes_per_second = 3.1e12;
    s.gpu->roofs.copy_bytes_per_second = 2.9e12;
    s.gpu->roofs.loop_flops = {{"bf16", 610e12}, {"f16", 615e12}, {"tf32", 305e12}, {"e4m3", 590e12}, {"f32", 58e12}};
    s.bare_column = "/ cuBLASLt plain best";
    s.other_columns = gpu_columns();
    return s;
  }

  static std::vector<double> rounds(double seconds, int seed) {
    std::vector<double> all;
    for (int i = 0; i < 20; ++i) all.push_back(seconds * (1 + 0.002 * std::sin(double(seed) + 1.7 * i)));
    return all;
  }

  static report_row row(const bench_case& c, int number) {
    report_row r;
    r.what = c;
    r.cold = c.m <= 256;
    r.kernel = "synthetic_kernel";
    const bool strict = c.numbers() == precision{GEMMACT_F32};
    r.family = strict ? "gemm_simt" : "gemm_sm80";
    const double loop = setting().gpu->roofs.loop_of(c.numbers());
    const bool product = c.flops() > 0;
    const double bytes = double(product ? c.weights() * bytes_of(c.type) : c.bytes()) / 2.7e12;
    const double shallow = 60.0 / double(c.depth());
    const double plain = 4e-6 + std::max(bytes, c.flops() / loop * (1.13 + 0.04 * std::sin(number) + shallow));
    const double price = (c.accuracy == GEMMACT_FAST ? 0.6 : 1) * 3.0 * double(c.function.size()) / double(c.k);
    const double best = plain * (0.92 + 0.1 * std::sin(3 * number)), fused = plain * (1.004 + price);
    const double separate = best * (1 + 420.0 / double(c.k));
    const auto timed = [&](const std::string& name, double seconds) {
      return timed_arm{
          .name = name,
          .seconds = summarize(rounds(seconds, number)),
          .ratio = compare(rounds(fused, number), rounds(fused, number + 1), rounds(seconds, number + 2)).ratio};
    };
    r.found.compared = compare(rounds(fused, number), rounds(fused, number + 1), rounds(separate, number + 2));
    r.found.fused = summarize(rounds(fused, number));
    r.found.unfused = summarize(rounds(separate, number));
    r.found.bare = summarize(rounds(best, number));
    r.found.unfused_name = r.found.bare_name = "SYNTHETIC";
    r.found.others = {{.name = "", .seconds = {}, .ratio = {}, .missing = no_equation().missing},
                      timed("SYNTHETIC default", best * 1.06),
                      timed("SYNTHETIC epilogue", best * (1.03 + shallow)),
                      timed("SYNTHETIC plain", plain)};
    if (!c.equation.empty()) {
      r.found.others[column_by_hand] = timed("SYNTHETIC by hand", fused * 0.997);
      r.first = {0.7 + 0.01 * number, 1.1e-3};
    }
    if (!product) {
      r.found.bare = {};
      r.found.others[column_default] = {.name = "", .seconds = {}, .ratio = {}, .missing = "SYNTHETIC: no product"};
    }
    const bool has_own = c.function == "relu" || c.function == "linear" || c.function == "gelu_tanh";
    if (!product || (!has_own && c.operation != GEMMACT_WEIGHT_GRAD))
      r.found.others[column_epilogue] = {
          .name = "", .seconds = {}, .ratio = {}, .missing = "SYNTHETIC: no such epilogue"};
    r.found.readings = {{1700, 640, 61, 0x4}};
    r.found.rounds = 20;
    return r;
  }
};

}  // namespace gemmact_bench

#include "bench/report/goals.hpp"

#include <algorithm>
#include <map>

#include "bench/core/gpu_contest.hpp"

namespace gemmact_bench {
namespace {

using figure = std::optional<double>;

// ---- Which cases ----

const bench_case& of(const goal_case& c) { return c.row.what; }
bool on_gpu(const goal_case& c, gemmact_operation operation) {
  return c.gpu != nullptr && of(c).operation == operation;
}
bool forward_on_gpu(const goal_case& c) { return on_gpu(c, GEMMACT_FORWARD); }
bool sixteen_bit(const goal_case& c) { return of(c).type == GEMMACT_F16 || of(c).type == GEMMACT_BF16; }
bool is(const goal_case& c, precision p) { return of(c).numbers() == p; }
bool strict_f32(const goal_case& c) { return is(c, {GEMMACT_F32}); }
bool plain_layer(const goal_case& c) { return of(c).combine == GEMMACT_PLAIN; }
bool sizes_within(const goal_case& c, int64_t low, int64_t high) {
  const auto in = [=](int64_t v) { return v >= low && v <= high; };
  return in(of(c).m) && in(of(c).wide()) && in(of(c).k);
}
int64_t tiles(int64_t extent) { return (extent + 127) / 128; }
// Fewer tiles of 128 x 128 than multiprocessors, of more than a few rows.
bool part_filled(const goal_case& c) {
  return of(c).m > 16 && tiles(of(c).m) * tiles(of(c).wide()) < c.gpu->multiprocessors;
}
// So few tiles that two parts of k and more fit beside each other.
bool split_k(const goal_case& c) { return 2 * tiles(of(c).m) * tiles(of(c).wide()) <= c.gpu->multiprocessors; }
bool has_own_epilogue(const goal_case& c) {
  return plain_layer(c) && (of(c).function == "relu" || of(c).function == "gelu_tanh");
}
bool is_equation(const goal_case& c) { return !of(c).equation.empty(); }
bool large_output(const goal_case& c) {
  return of(c).m * of(c).n * bytes_of(of(c).output_type()) >= 2 * c.gpu->l2_bytes;
}
double weight_megabytes(const goal_case& c) { return double(of(c).weights() * bytes_of(of(c).type)) * 1e-6; }

// ---- Figures ----

figure quotient(double above, double below) { return above > 0 && below > 0 ? figure(above / below) : std::nullopt; }
double fused(const goal_case& c) { return c.row.found.fused.median; }
double plain(const goal_case& c) { return c.row.other_seconds(column_plain); }
double cublaslt(const goal_case& c) { return c.row.found.bare.median; }

figure cublaslt_by_plain(const goal_case& c) { return quotient(cublaslt(c), plain(c)); }
figure cublaslt_by_fused(const goal_case& c) { return quotient(cublaslt(c), fused(c)); }
// Round by round, as the report's columns are.
figure other_by_fused(const goal_case& c, size_t column) {
  const auto& others = c.row.found.others;
  return column < others.size() ? quotient(others[column].ratio.median, 1) : std::nullopt;
}
figure plain_by_fused(const goal_case& c) { return other_by_fused(c, column_plain); }
figure unfused_by_fused(const goal_case& c) { return quotient(c.row.found.compared.ratio.median, 1); }
figure epilogue_by_fused(const goal_case& c) { return other_by_fused(c, column_epilogue); }
// Its bytes by the time of as many copied ones: a copy's count as read and as written, too.
figure copy_share(const goal_case& c) {
  const double rate = c.gpu->roofs.copy_bytes_per_second;
  return rate > 0 ? quotient(double(of(c).bytes()) / rate, fused(c)) : std::nullopt;
}
figure read_share(const goal_case& c) {
  const double rate = c.gpu->roofs.read_bytes_per_second;
  return rate > 0 ? quotient(1e6 * weight_megabytes(c) / rate, fused(c)) : std::nullopt;
}

// Of both parts the one that is nearer to its limit, or further beyond it.
constexpr double first_limit = 1, disk_limit = 10e-3;
figure first_run_allowance(const goal_case& c) {
  const first_run& r = c.row.first;
  if (r.compiled <= 0 || r.from_disk <= 0) return std::nullopt;
  return std::min(first_limit / r.compiled, disk_limit / r.from_disk);
}
double least_by_hand(const goal_case& c) { return c.gpu != nullptr ? 0.99 : 1.0 / 3; }

template <int thousandths>
double always(const goal_case&) {
  return thousandths * 1e-3;
}
double by_weights(const goal_case& c, double most, double middle, double least) {
  return weight_megabytes(c) >= 64 ? most : weight_megabytes(c) >= 32 ? middle : least;
}
double separate_kernel(const goal_case& c) { return 1 + 500.0 / double(of(c).k); }
double few_rows(const goal_case& c) { return split_k(c) ? 1.35 : 1.05; }

// What the benchmark has no arms for yet.
bool no_case(const goal_case&) { return false; }

// ---- The table ----

const goal table[] = {
    {"plain_16_bit", "cuBLASLt's best ÷ our plain product; 16-bit, m, n and k from 2K to 16K",
     "≥ 0.96 each, geometric mean ≥ 1.00; stretch 1.02",
     [](const goal_case& c) { return forward_on_gpu(c) && sixteen_bit(c) && sizes_within(c, 2048, 16384); },
     cublaslt_by_plain, always<960>, always<1020>, 1.0, true},
    {"plain_default_4096", "cuBLASLt's default ÷ our plain product; 16-bit, 4096 x 4096 x 4096", "≥ 1.05 (a stretch)",
     [](const goal_case& c) { return forward_on_gpu(c) && sixteen_bit(c) && sizes_within(c, 4096, 4096); },
     [](const goal_case& c) { return quotient(c.row.other_seconds(column_default), plain(c)); }, always<1050>,
     always<1050>, 0, true},
    {"fused_own_plain", "our plain product ÷ fused; k ≥ 512", "≥ 0.99, k < 1024 0.98; stretch 0.995",
     [](const goal_case& c) { return forward_on_gpu(c) && plain_layer(c) && of(c).k >= 512; }, plain_by_fused,
     [](const goal_case& c) { return of(c).k >= 1024 ? 0.99 : 0.98; }, always<995>},
    {"fused_cublaslt", "cuBLASLt's best, no function ÷ fused; 16-bit, k ≥ 2048", "≥ 1.00; stretch 1.02",
     [](const goal_case& c) { return forward_on_gpu(c) && sixteen_bit(c) && plain_layer(c) && of(c).k >= 2048; },
     cublaslt_by_fused, always<1000>, always<1020>},
    {"own_epilogue", "cuBLASLt's RELU_BIAS and GELU_BIAS ÷ fused", "≥ 1.03; stretch 1.10, k ≤ 512 1.20",
     [](const goal_case& c) { return forward_on_gpu(c) && has_own_epilogue(c); }, epilogue_by_fused, always<1030>,
     [](const goal_case& c) { return of(c).k <= 512 ? 1.2 : 1.1; }},
    {"separate_kernel", "cuBLASLt and a separate kernel ÷ fused; 16-bit, outputs of twice the L2 and more",
     "≥ 0.97 (1 + 500 / k); stretch 1 + 500 / k",
     [](const goal_case& c) { return forward_on_gpu(c) && sixteen_bit(c) && plain_layer(c) && large_output(c); },
     [](const goal_case& c) { return cublaslt(c) > 0 ? unfused_by_fused(c) : std::nullopt; },
     [](const goal_case& c) { return 0.97 * separate_kernel(c); }, separate_kernel},
    {"gated", "cuBLASLt's product of the same FLOPs, no function ÷ gated pair; 16-bit", "≥ 1.00; stretch 1.03",
     [](const goal_case& c) { return forward_on_gpu(c) && sixteen_bit(c) && of(c).combine == GEMMACT_GATED; },
     cublaslt_by_fused, always<1000>, always<1030>},
    {"maxout", "cuBLASLt's product of the same FLOPs, no function ÷ maxout; 16-bit", "≥ 0.97; stretch 1.00",
     [](const goal_case& c) { return forward_on_gpu(c) && sixteen_bit(c) && of(c).combine == GEMMACT_MAXOUT; },
     cublaslt_by_fused, always<970>, always<1000>},
    {"part_filled", "cuBLASLt's best ÷ our plain product; 1024³ and grids that do not fill the GPU",
     "≥ 1.05; stretch 1.15",
     [](const goal_case& c) { return forward_on_gpu(c) && (sizes_within(c, 1024, 1024) || part_filled(c)); },
     cublaslt_by_plain, always<1050>, always<1150>, 0, true},
    {"tf32", "cuBLASLt's best, no function ÷ fused; tf32", "≥ 0.99; stretch 1.02",
     [](const goal_case& c) {
       return forward_on_gpu(c) && plain_layer(c) && is(c, {GEMMACT_F32, GEMMACT_COMPUTE_TF32});
     },
     cublaslt_by_fused, always<990>, always<1020>},
    {"e4m3", "cuBLASLt's best, no function ÷ fused; e4m3", "≥ 0.97; stretch 1.00",
     [](const goal_case& c) { return forward_on_gpu(c) && plain_layer(c) && of(c).type == GEMMACT_E4M3; },
     cublaslt_by_fused, always<970>, always<1000>},
    {"strict_f32", "cuBLASLt's best ÷ our plain product; strict f32, m, n and k from 1K", "≥ 0.93",
     [](const goal_case& c) { return forward_on_gpu(c) && strict_f32(c) && sizes_within(c, 1024, 1 << 30); },
     cublaslt_by_plain, always<930>, always<1000>, 0, true},
    {"loop_share", "our plain product's share of a register-only mma.sync loop; gemm_sm80, m, n and k from 2K",
     "≥ 0.85; stretch 0.92",
     [](const goal_case& c) {
       return forward_on_gpu(c) && c.row.family == "gemm_sm80" && sizes_within(c, 2048, 1 << 30);
     },
     [](const goal_case& c) {
       const double share = c.row.loop_share(*c.gpu);
       return share > 0 ? figure(share) : std::nullopt;
     },
     always<850>, always<920>, 0, true},
    {"one_row", "later: share of the measured read bandwidth; m = 1, weights of 64, 32 and 16 MB and more",
     "≥ 0.93, 0.87, 0.80; stretch 0.95, 0.90, 0.85",
     [](const goal_case& c) { return forward_on_gpu(c) && of(c).m == 1 && weight_megabytes(c) >= 16; }, read_share,
     [](const goal_case& c) { return by_weights(c, 0.93, 0.87, 0.80); },
     [](const goal_case& c) { return by_weights(c, 0.95, 0.90, 0.85); }},
    {"few_rows", "later: cuBLASLt's best, no function ÷ fused; m from 1 to 16", "≥ 1.05; split-K shapes ≥ 1.35",
     [](const goal_case& c) { return forward_on_gpu(c) && of(c).m <= 16; }, cublaslt_by_fused, few_rows, few_rows},
    {"input_grad", "our plain input gradient ÷ the one with f' and db; n (the product's depth) ≥ 1024",
     "≥ 0.95, n < 2048 0.90; stretch 0.97",
     [](const goal_case& c) { return on_gpu(c, GEMMACT_INPUT_GRAD) && of(c).depth() >= 1024; }, plain_by_fused,
     [](const goal_case& c) { return of(c).depth() >= 2048 ? 0.95 : 0.90; }, always<970>},
    {"input_grad_cublaslt", "cuBLASLt's DRELU_BGRAD and DGELU_BGRAD ÷ input gradient with f' and db",
     "≥ 1.05; stretch 1.15", [](const goal_case& c) { return on_gpu(c, GEMMACT_INPUT_GRAD) && has_own_epilogue(c); },
     epilogue_by_fused, always<1050>, always<1150>},
    {"weight_grad", "cuBLASLt's BGRADB ÷ weight gradient with db", "≥ 1.00",
     [](const goal_case& c) { return on_gpu(c, GEMMACT_WEIGHT_GRAD); }, epilogue_by_fused, always<1000>, always<1000>},
    {"activation_grad", "share of the measured copy bandwidth of activation_grad with db; four times the L2 and more",
     "≥ 0.90; stretch 0.95",
     [](const goal_case& c) { return on_gpu(c, GEMMACT_ACTIVATION_GRAD) && of(c).bytes() >= 4 * c.gpu->l2_bytes; },
     copy_share, always<900>, always<950>},
    {"network", "later: a CUDA graph of cuBLASLt's layers ÷ a whole small network of width 64, 128",
     "≥ 3, 2; stretch 5, 3", no_case, nullptr, always<2000>, always<3000>},
    {"equation", "the same layer with the function written by hand ÷ with it typed as an equation",
     "≥ 0.99 on GPUs, 1/3 on the CPU; stretch 1.00", [](const goal_case& c) { return is_equation(c); },
     [](const goal_case& c) { return other_by_fused(c, column_by_hand); }, least_by_hand, always<1000>, 0, false, true,
     true},
    {"first_run",
     "time allowed ÷ an equation's time from its text to a launched kernel, the nearer of: compiled (1 s), from the "
     "disk "
     "(10 ms)",
     "≤ 1 s, 10 ms; stretch 0.3 s, 2 ms", [](const goal_case& c) { return forward_on_gpu(c) && is_equation(c); },
     first_run_allowance, always<1000>, always<3333>},
    {"cpu", "CPU: the same product and a separate pass ÷ fused", "≥ 1.00",
     [](const goal_case& c) { return c.gpu == nullptr; }, unfused_by_fused, always<1000>, always<1000>, 0, false, false,
     true},
};

bool speaks_of(const goal& g, bool gpu) { return gpu ? g.on_gpus : g.on_cpu; }

}  // namespace

std::span<const goal> goals() { return table; }

const char* name_of(attained a) {
  return a == attained::met ? "met" : a == attained::missed ? "missed" : "not measured";
}

std::vector<goal_result> goals_of(const report_row& row, const report_setting& setting) {
  const goal_case c{row, setting.gpu ? &*setting.gpu : nullptr};
  const bool usable = row.failure.empty() && row.found.wrong_arm.empty() && row.result() != verdict::wrong &&
                      !throttled(row.found.readings);
  std::vector<goal_result> all;
  for (const goal& g : table) {
    if (!g.applies(c)) continue;
    goal_result r{.of = &g, .value = {}, .least = g.least(c), .stretch = g.stretch(c)};
    if (usable && g.value != nullptr) r.value = g.value(c);
    if (r.value) r.state = *r.value >= r.least ? attained::met : attained::missed;
    all.push_back(r);
  }
  return all;
}

std::vector<goal_total> goal_totals(const report& r) {
  std::vector<goal_total> totals;
  for (const goal& g : table)
    if (speaks_of(g, r.setting.gpu.has_value())) totals.push_back({.of = &g});
  // By what counts once in the mean.
  std::vector<std::map<std::string, std::vector<double>>> values(totals.size());
  for (const report_row& row : r.rows)
    for (const goal_result& found : goals_of(row, r.setting)) {
      const auto at = std::find_if(totals.begin(), totals.end(), [&](const auto& t) { return t.of == found.of; });
      ++(found.state == attained::met ? at->met : found.state == attained::missed ? at->missed : at->not_measured);
      if (!found.value) continue;
      const std::string once = found.of->of_product ? row.what.product_text() : row.what.list + row.what.name();
      values[size_t(at - totals.begin())][once].push_back(*found.value);
    }
  for (size_t i = 0; i < totals.size(); ++i) {
    goal_total& t = totals[i];
    if (values[i].empty()) continue;
    std::vector<double> means, all;
    for (const auto& [once, some] : values[i]) {
      means.push_back(geometric_mean(some));
      all.insert(all.end(), some.begin(), some.end());
    }
    t.geomean = geometric_mean(means);
    t.lowest = *std::min_element(all.begin(), all.end());
    t.state = t.missed == 0 && t.geomean >= t.of->least_geomean ? attained::met : attained::missed;
  }
  return totals;
}

}  // namespace gemmact_bench

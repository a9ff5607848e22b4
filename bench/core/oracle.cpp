#include "bench/core/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bench/core/sample.hpp"

namespace gemmact_bench {
namespace {

constexpr double unit = 0x1p-24;

// The largest relative and absolute errors of rounding to a type.
double relative_rounding(gemmact_type type) {
  return type == GEMMACT_F32 ? 0x1p-24 : type == GEMMACT_F16 ? 0x1p-11 : 0x1p-8;  // outputs have no other types
}
double absolute_rounding(gemmact_type type) { return type == GEMMACT_F16 ? 0x1p-25 : 0; }

}  // namespace

approximate dot(const float* a, int64_t a_step, const float* b, int64_t b_step, int64_t count, double extra) {
  double value = 0, size = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double term = double(a[i * a_step]) * double(b[i * b_step]);
    value += term;
    size += std::abs(term);
  }
  return {value, (double(count + 3) * unit + extra) * size};
}

double extra_error(precision p, product_path path) {
  constexpr double short_run = 128 * 0x1p-13;
  if (p.type == GEMMACT_E4M3 && path.short_sums) return short_run / (1 - short_run);
  if (p.compute == GEMMACT_COMPUTE_TF32) return 2 * (path.operands == operand_rounding::nearest ? 0x1p-11 : 0x1p-10);
  return 0;
}

bool sums_e4m3_shortly(const std::string& family, int architecture) {
  if (family == "gemm_sm80") return architecture == 89 || architecture >= 120;
  return family != "gemm_simt" && family != "cpu";
}

approximate sum(const float* values, int64_t step, int64_t count) {
  const float one = 1.0f;
  return dot(values, step, &one, 0, count);
}

approximate plus(approximate a, double exact) {
  const double value = a.value + exact;
  return {value, a.error + unit * (std::abs(a.value) + std::abs(exact))};
}

approximate times(approximate a, approximate b) {
  const double value = a.value * b.value;
  return {value,
          std::abs(a.value) * b.error + a.error * std::abs(b.value) + a.error * b.error + unit * std::abs(value)};
}

approximate larger(approximate a, approximate b) { return {std::max(a.value, b.value), std::max(a.error, b.error)}; }

approximate rounded(gemmact_type type, approximate a) {
  if (type == GEMMACT_F32) return a;
  return {a.value, a.error + relative_rounding(type) * (std::abs(a.value) + a.error) + absolute_rounding(type)};
}

function_oracle::function_oracle(const std::string& name, double target) : row_(gemmact::reference::find(name)) {
  if (row_ == nullptr) throw std::runtime_error(name + " has no reference that its results could be checked against");
  const default_parameters defaults(name);
  for (int i = 0; i < GEMMACT_MAX_PARAMS; ++i)
    parameters_[i] = i == defaults.operand ? target : double(defaults.values[i]);
}

approximate function_oracle::value(approximate z, double tolerance, gemmact_accuracy accuracy) const {
  const double *p = parameters_, y = row_->value(z.value, p);
  const double fast = accuracy == GEMMACT_ACCURATE ? 0
                      : row_->name == "tanh"       ? 0x1p-11 * std::abs(y)
                                                   : 0x1p-12 * std::max(1.0, std::abs(z.value) + z.error);
  const double away =
      std::max(std::abs(row_->value(z.value - z.error, p) - y), std::abs(row_->value(z.value + z.error, p) - y));
  return {y, away + ((row_->value_ulps(z.value, p) + 1) * unit + tolerance) * std::abs(y) + fast};
}

approximate function_oracle::slope(approximate z, double tolerance) const {
  const double *p = parameters_, y = row_->grad(z.value, p);
  const double away =
      std::max(std::abs(row_->grad(z.value - z.error, p) - y), std::abs(row_->grad(z.value + z.error, p) - y));
  return {y, away + (row_->grad_scale(z.value, p) + std::abs(y)) * unit + tolerance * std::abs(y)};
}

double error_of(gemmact_type type, double stored, approximate expected) {
  if (std::isnan(stored)) return INFINITY;
  const double size = std::abs(expected.value) + expected.error;
  return std::abs(stored - expected.value) /
         (expected.error + relative_rounding(type) * size + absolute_rounding(type) + 1e-37);
}

}  // namespace gemmact_bench

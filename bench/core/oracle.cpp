#include "bench/core/oracle.hpp"

#include <algorithm>
#include <cmath>

#include "bench/core/fused_layer.hpp"

namespace gemmact_bench {
namespace {

constexpr double unit = 0x1p-24;

}  // namespace

approximate dot(const float* a, int64_t a_step, const float* b, int64_t b_step, int64_t count) {
  double value = 0, size = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double term = double(a[i * a_step]) * double(b[i * b_step]);
    value += term;
    size += std::abs(term);
  }
  return {value, double(count + 3) * unit * size};
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

reference::reference(const std::string& function, double target) : function_(function) {
  size_t index = 0;
  require(gemmact_activation_parse(function.c_str(), &index, parameters_), "gemmact_activation_parse");
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_activation_get_info(index, &info), "gemmact_activation_get_info");
  for (uint32_t i = 0; i < info.param_count; ++i)
    if (info.params[i].is_operand != 0) parameters_[i] = float(target);
}

approximate reference::at(approximate z, bool derivative) const {
  const float x[3] = {float(z.value), float(z.value - z.error), float(z.value + z.error)};
  float y[3];
  require(gemmact_activation_evaluate(function_.c_str(), parameters_, GEMMACT_ACCURATE, x, 3, derivative ? nullptr : y,
                                      derivative ? y : nullptr),
          "gemmact_activation_evaluate");
  const double value = y[0], away = std::max(std::abs(y[1] - value), std::abs(y[2] - value));
  // The function's own error: what docs/activations.md allows the worst of them, twice (both sides are approximate).
  return {value, away + (40 + 8 * z.value * z.value) * unit * std::abs(value) + 1e-30};
}

approximate reference::value(approximate z) const { return at(z, false); }
approximate reference::slope(approximate z) const { return at(z, true); }

double error_of(gemmact_type type, double stored, approximate expected) {
  if (std::isnan(stored)) return INFINITY;
  const double relative = type == GEMMACT_F32 ? 0x1p-24 : type == GEMMACT_F16 ? 0x1p-11 : 0x1p-8;
  const double smallest = type == GEMMACT_F16 ? 0x1p-25 : 0;
  const double size = std::abs(expected.value) + expected.error;
  return std::abs(stored - expected.value) / (expected.error + relative * size + smallest + 1e-37);
}

}  // namespace gemmact_bench

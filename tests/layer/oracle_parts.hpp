// What the forward and the backward oracle share.
#pragma once
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "tests/layer/oracle.hpp"

namespace gemmact::test {

inline constexpr double unit_f32 = 0x1p-24;

inline double gamma(double count, double unit) { return count * unit / (1 - count * unit); }
// Relative to the sum of magnitudes: of a product's sum of so many operations, the terms and what is added to them.
inline double product_error(double operations, const oracle_options& options) {
  const double longest = double(options.longest_sum) + 3;
  if (!(operations > longest)) return gamma(operations, options.unit);
  return gamma(longest, options.unit) + gamma(operations / double(options.longest_sum) + 3, unit_f32);
}

// A value with a bound on its error.
struct approximate {
  double value = 0, error = 0;
};

// One layer's activation with its parameters, which may come from tensors.
class bound_function {
 public:
  bound_function(const layer& l, bool below, const oracle_options& options);
  struct here {  // the parameters at one element
    double values[GEMMACT_MAX_PARAMS] = {};
  };
  here at(int64_t b, int64_t i, int64_t j) const;
  // f(z), where z is off by up to `delta`.
  approximate value(double z, double delta, const here& p) const;
  approximate other(double z, double delta, const here& p) const;
  // f' from what was kept, exactly as stored.
  approximate grad(gemmact_keep form, double kept, const here& p) const;
  approximate param_grad(int i, double z, const here& p) const;
  bool bit(double z, const here& p) const;
  const function& f() const { return *function_; }
  double rounding() const { return rounding_; }  // of one more f32 operation on f's results: u, or 0 if all is exact

 private:
  using reference_value = double (*)(double, const double*);
  approximate spread(reference_value curve, double z, double delta, const here& p) const;
  const function* function_;
  const reference::row* row_;
  here text_;
  const operand* from_[GEMMACT_MAX_PARAMS] = {};
  bool fast_, exact_;
  double rounding_, device_error_;
};

// Sums into an output operand, whichever way it is reduced, and its expectation.
class reduction {
 public:
  reduction(const layer& l, uint32_t slot, uint32_t index, const oracle_options& options);
  explicit operator bool() const { return operand_ != nullptr; }
  void add(int64_t b, int64_t i, int64_t j, approximate term);
  void finish(std::vector<expectation>& all);

 private:
  const operand* operand_;
  size_t number_ = 0;
  oracle_options options_;
  double unit_;
  std::vector<double> sum_, error_, magnitude_, count_;
  std::vector<bool> may_overflow_;
};

// sum over the depth of a * b with the sum of |a * b|; a is rows x depth, b is cols x depth, one batch entry.
struct product_sums {
  std::vector<double> sum, magnitude;  // rows x cols
};
struct dense {
  int64_t rows = 0, depth = 0;
  std::vector<double> data;
};
void add_product(const dense& a, const dense& b, product_sums& to);

// Entry b of an operand as multiplied (rounded to tf32 where the layer says so), or its transpose.
dense multiplied(const layer& l, const operand& o, int64_t b, bool transposed, const oracle_options& options);

// What overflows f32 on the way is infinite, though double holds it.
inline double in_f32(double v) { return std::fabs(v) > 0x1.ffffffp127 ? std::copysign(HUGE_VAL, v) : v; }

inline approximate scaled(approximate a, double by, double rounding) {
  return {in_f32(a.value * by), a.error * std::fabs(by) + rounding * std::fabs(a.value * by)};
}
inline approximate added(approximate a, approximate b, double rounding) {
  return {in_f32(a.value + b.value), a.error + b.error + rounding * (std::fabs(a.value) + std::fabs(b.value))};
}
inline approximate product(approximate a, approximate b, double rounding) {
  const double v = in_f32(a.value * b.value);
  // Infinity times what may have become 0: anything.
  const auto may_be_zero = [](approximate x) { return std::fabs(x.value) <= x.error; };
  if (std::isinf(v) && (may_be_zero(a) || may_be_zero(b))) return {0, HUGE_VAL};
  return {v, std::fabs(a.value) * b.error + std::fabs(b.value) * a.error + a.error * b.error + rounding * std::fabs(v)};
}
// dY * f', exactly 0 where f' is 0.
inline approximate selected(approximate dy, approximate df, double rounding) {
  if (df.value == 0 && df.error == 0) return {};
  if (std::fabs(df.value) <= df.error && !std::isfinite(dy.value)) return {0, HUGE_VAL};  // 0 or what dY is
  approximate dz = product(dy, df, rounding);
  // f' may have become 0, which makes a zero positive.
  if (dz.value == 0 && rounding != 0) dz.error = std::fmax(dz.error, 0x1p-149);
  return dz;
}

// A new expectation for an output operand, or null where it is not listed.
expectation* begin(std::vector<expectation>& all, const layer& l, uint32_t slot, uint32_t index = 0);

// Whether a sum of such magnitude has no error in f32. Refuses data that should be exact and are not.
bool exact_sum(const oracle_options& options, double magnitude);

void expect_forward(const layer& l, const oracle_options& options, std::vector<expectation>& all);
void expect_activation_grad(const layer& l, const oracle_options& options, std::vector<expectation>& all);
void expect_input_grad(const layer& l, const oracle_options& options, std::vector<expectation>& all);
void expect_weight_grad(const layer& l, const oracle_options& options, std::vector<expectation>& all);

}  // namespace gemmact::test

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/families/gemm_sm80/layer_case.hpp"
#include "tests/kernels/bounds.hpp"

namespace gemmact::test {
namespace {

using families::keep, families::slot;

constexpr double unit = 0x1p-24, unit_of_sums = 0x1p-23;  // of tensor cores

struct approximate {
  double value, error;
};

operand_data* find(std::vector<operand_data>& data, slot what) {
  for (operand_data& d : data)
    if (d.is.what == what) return &d;
  return nullptr;
}

class oracle {
 public:
  oracle(const layer_case& c, std::vector<operand_data>& data)
      : c_(c),
        subject_{c.use, quantity::value},
        exact_(c.integers && exact_on_integers(c.use)),
        x_(*find(data, slot::x)),
        w_(*find(data, slot::w)),
        y_(*find(data, slot::y)),
        bias_(find(data, slot::bias)),
        residual_(find(data, slot::residual)),
        kept_(find(data, slot::kept)) {}

  void run() {
    for (i64 i = 0; i < y_.is.rows; ++i)
      for (i64 j = 0; j < c_.n; ++j) element(i, j);
  }

 private:
  approximate z(i64 i, i64 j) const {
    const double *x = &x_.values[size_t(i * c_.k)], *w = &w_.values[size_t(j * c_.k)];
    double sum = 0, magnitude = 0;
    for (i64 l = 0; l < c_.k; ++l) {
      sum += x[l] * w[l];
      magnitude += std::fabs(x[l] * w[l]);
    }
    const double b = bias_ == nullptr ? 0 : bias_->at(i, j);
    magnitude += std::fabs(b);
    if (c_.integers && magnitude >= 0x1p22) throw std::logic_error("the case's sums are not exact in f32");
    const double count = double(c_.k + 3) * unit_of_sums;
    return {sum + b, c_.integers ? 0 : count / (1 - count) * magnitude};
  }

  // f(z) evaluated in f32 somewhere within z +- its error.
  approximate f(approximate z) const {
    const reference::row& ref = *c_.use.f->ref;
    const double* p = c_.use.exact;
    const double v = ref.value(z.value, p);
    if (exact_) return {v, 0};
    double error = subject_.allowed(z.value, v, c_.mode) + double(c_.use.f->info->device_tolerance) * std::fabs(v);
    const double slope = ref.lipschitz(p), curvature = ref.curvature(p);
    if (std::isfinite(slope)) error += slope * z.error;
    else if (curvature > 0) error += std::fabs(ref.grad(z.value, p)) * z.error + curvature * z.error * z.error / 2;
    else  // pieces that jump
      error += std::max(std::fabs(ref.value(z.value - z.error, p) - v), std::fabs(ref.value(z.value + z.error, p) - v));
    return {v, error};
  }

  void element(i64 i, i64 j) {
    const approximate before = z(i, j), after = f(before);
    approximate y = after;
    if (residual_ != nullptr) {
      const double r = residual_->at(i, j);
      y.value += r;
      if (!exact_) y.error += unit * (std::fabs(after.value) + std::fabs(r));
    }
    set(y_, y);
    if (kept_ == nullptr) return;
    if (c_.kept == keep::z) return set(*kept_, before);
    if (c_.kept == keep::output) return set(*kept_, after);
    u8 allowed = 0;
    for (const double off : {-before.error, 0.0, before.error})
      allowed |= u8(1u << c_.use.f->ref->bit(before.value + off, c_.use.exact));
    kept_->expected.allowed.push_back(allowed);
  }

  static void set(operand_data& d, approximate v) {
    d.expected.value.push_back(v.value);
    d.expected.error.push_back(v.error);
  }

  const layer_case& c_;
  subject subject_;
  bool exact_;
  operand_data &x_, &w_, &y_, *bias_, *residual_, *kept_;
};

}  // namespace

bool exact_on_integers(const setting& s) {
  constexpr std::string_view exact[] = {"linear", "relu", "leaky_relu", "prelu",       "step",
                                        "hinge",  "clip", "relu6",      "squared_relu"};
  if (std::find(std::begin(exact), std::end(exact), s.f->name) == std::end(exact)) return false;
  for (int i = 0; i < s.f->info->param_count; ++i) {
    int exponent = 0;
    if (s.exact[i] != 0 && std::fabs(std::frexp(s.exact[i], &exponent)) != 0.5) return false;
  }
  return true;
}

void expect_outputs(const layer_case& c, std::vector<operand_data>& data) { oracle(c, data).run(); }

}  // namespace gemmact::test

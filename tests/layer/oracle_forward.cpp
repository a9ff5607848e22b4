#include <algorithm>
#include <limits>

#include "tests/layer/oracle_parts.hpp"

namespace gemmact::test {
namespace {

double at_or(const operand* o, int64_t b, int64_t i, int64_t j, double otherwise) {
  return o == nullptr ? otherwise : o->at(b, i, j);
}

// z of every product of one batch entry with its error, and the outputs made of them.
class forward_oracle {
 public:
  forward_oracle(const layer& l, const oracle_options& options, std::vector<expectation>& all)
      : l_(l),
        options_(options),
        f_(l, false, options),
        form_(kept_form(l, false)),
        rounding_(options.exact && f_.f().exact ? 0 : unit_f32) {
    all.reserve(8);  // the pointers below stay valid
    y_ = begin(all, l, GEMMACT_Y);
    other_ = begin(all, l, GEMMACT_Y_OTHER);
    amax_ = begin(all, l, GEMMACT_AMAX_Y);
    kept_[0] = begin(all, l, GEMMACT_KEPT, 0);
    kept_[1] = begin(all, l, GEMMACT_KEPT, 1);
    for (const uint32_t slot : {GEMMACT_SCALE_X, GEMMACT_SCALE_W, GEMMACT_ALPHA, GEMMACT_C, GEMMACT_BETA})
      extra_operations_ +=
          std::any_of(l.operands.begin(), l.operands.end(), [&](const operand& o) { return o.spec.slot == slot; });
  }

  void entry(int64_t b) {
    products_.clear();
    const dense x = multiplied(l_, l_.get(GEMMACT_X), b, false, options_);
    for (int p = 0; p < l_.products(); ++p) {
      products_.emplace_back();
      add_product(x, multiplied(l_, l_.get(GEMMACT_W, uint32_t(p)), b, false, options_), products_.back());
    }
    for (int64_t i = 0; i < l_.m; ++i)
      for (int64_t j = 0; j < l_.n; ++j) element(b, i, j);
  }

 private:
  approximate z(int p, int64_t b, int64_t i, int64_t j) const {
    const uint32_t index = uint32_t(p);
    const double scale = at_or(l_.find(GEMMACT_ALPHA), b, i, j, 1) * at_or(l_.find(GEMMACT_SCALE_X), b, i, j, 1) *
                         at_or(l_.find(GEMMACT_SCALE_W, index), b, i, j, 1);
    const double bias = at_or(l_.find(GEMMACT_BIAS, index), b, i, j, 0);
    const operand* c = l_.find(GEMMACT_C, index);
    const double before = c == nullptr ? 0 : at_or(l_.find(GEMMACT_BETA), b, i, j, 1) * c->at(b, i, j);
    const size_t at = size_t(i * l_.n + j);
    double v = scale * products_[size_t(p)].sum[at];
    if (l_.find(GEMMACT_BIAS, index) != nullptr) v += bias;
    if (c != nullptr) v += before;
    const double magnitude =
        std::fabs(scale) * products_[size_t(p)].magnitude[at] + std::fabs(bias) + std::fabs(before);
    if (exact_sum(options_, magnitude)) return {double(float(v)), 0};
    if (!std::isfinite(v)) return {v, 0};
    return {v, product_error(double(l_.k) + 3 + extra_operations_, options_) * magnitude};
  }

  void element(int64_t b, int64_t i, int64_t j) {
    const bound_function::here p = f_.at(b, i, j);
    approximate y;
    if (l_.combine == GEMMACT_MAXOUT) {
      y = maxout(b, i, j);
    } else {
      const approximate z0 = z(0, b, i, j);
      const approximate y0 = f_.value(z0.value, z0.error, p);
      y = y0;
      if (l_.combine == GEMMACT_GATED) {
        const approximate z1 = z(1, b, i, j);
        const bool exact = rounding_ == 0 && std::fabs(y0.value * z1.value) < options_.exact_below;
        y = product(y0, z1, exact ? 0 : unit_f32);
        if (kept_[1] != nullptr) set(kept_[1], b, i, j, z1);
      }
      if (kept_[0] != nullptr) keep(b, i, j, z0, y0, p);
      if (other_ != nullptr) set(other_, b, i, j, f_.other(z0.value, z0.error, p));
    }
    if (const operand* residual = l_.find(GEMMACT_RESIDUAL)) y = added(y, {residual->at(b, i, j), 0}, rounding_);
    if (amax_ != nullptr) raise(b, y);
    if (const operand* scale = l_.find(GEMMACT_SCALE_Y)) y = scaled(y, scale->at(b, 0, 0), rounding_);
    if (y_ != nullptr) set(y_, b, i, j, y);
  }

  // The largest z, and which pieces may be called the winner: those within the errors of the largest.
  approximate maxout(int64_t b, int64_t i, int64_t j) {
    approximate pieces[8], best;
    int winner = 0;
    for (int p = 0; p < l_.pieces; ++p) {
      pieces[p] = z(p, b, i, j);
      const bool wins = p == 0 || (!std::isnan(best.value) && !(pieces[p].value <= best.value));
      if (!wins) continue;
      best = pieces[p];
      winner = p;
    }
    uint32_t allowed = 1u << winner;
    double error = 0;
    for (int p = 0; p < l_.pieces && !std::isnan(best.value); ++p) {
      if (pieces[p].value == best.value && pieces[p].error == 0) continue;  // a tie: the lowest index only
      if (pieces[p].value + pieces[p].error < best.value - best.error) continue;
      allowed |= 1u << p;
      error = std::max(error, pieces[p].error);
    }
    if (kept_[0] != nullptr) {
      const size_t at = l_.operands[kept_[0]->operand].place(b, i, j);
      kept_[0]->value[at] = winner;
      kept_[0]->allowed[at] = allowed;
    }
    return {best.value, std::max(error, best.error)};
  }

  void keep(int64_t b, int64_t i, int64_t j, approximate z0, approximate y0, const bound_function::here& p) {
    if (form_ == GEMMACT_KEEP_Z) return set(kept_[0], b, i, j, z0);
    if (form_ == GEMMACT_KEEP_OUTPUT) return set(kept_[0], b, i, j, y0);
    const size_t at = l_.operands[kept_[0]->operand].place(b, i, j);
    kept_[0]->value[at] = f_.bit(z0.value, p);
    for (const double off : {-z0.error, 0.0, z0.error})
      kept_[0]->allowed[at] |= 1u << (f_.bit(z0.value + off, p) ? 1 : 0);
  }

  void raise(int64_t b, approximate y) {
    const size_t at = l_.operands[amax_->operand].place(b, 0, 0);
    double& most = amax_->value[at];
    if (std::isnan(most) || std::isnan(y.value)) most = std::numeric_limits<double>::quiet_NaN();
    else most = std::max(most, std::fabs(y.value));
    amax_->error[at] = std::max(amax_->error[at], y.error);
  }

  void set(expectation* e, int64_t b, int64_t i, int64_t j, approximate v) {
    const size_t at = l_.operands[e->operand].place(b, i, j);
    e->value[at] = v.value;
    e->error[at] = std::isfinite(v.value) ? v.error : 0;
  }

  const layer& l_;
  const oracle_options& options_;
  bound_function f_;
  gemmact_keep form_;
  double rounding_;
  double extra_operations_ = 0;
  expectation *y_ = nullptr, *other_ = nullptr, *amax_ = nullptr, *kept_[2] = {};
  std::vector<product_sums> products_;
};

}  // namespace

void expect_forward(const layer& l, const oracle_options& options, std::vector<expectation>& all) {
  forward_oracle oracle(l, options, all);
  for (int64_t b = 0; b < l.batch; ++b) oracle.entry(b);
}

}  // namespace gemmact::test

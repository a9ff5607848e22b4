#include <algorithm>

#include "tests/layer/oracle_parts.hpp"

namespace gemmact::test {
namespace {

// dZ of one layer (this one in activation_grad, the one below in input_grad) with its sums.
class gradient_oracle {
 public:
  gradient_oracle(const layer& l, bool below, const oracle_options& options, std::vector<expectation>& all)
      : l_(l), f_(l, below, options), form_(kept_form(l, below)), combine_(below ? l.below_combine : l.combine) {
    side_ = below ? uint32_t(GEMMACT_BELOW) : 0u;
    const int products = combine_ == GEMMACT_GATED ? 2 : combine_ == GEMMACT_MAXOUT ? l.pieces : 1;
    all.reserve(32);  // the pointers below stay valid
    for (uint32_t p = 0; p < uint32_t(products); ++p) {
      dz_.push_back(begin(all, l, GEMMACT_DZ | side_, p));
      dbias_.emplace_back(l, GEMMACT_DBIAS | side_, p, options);
    }
    for (uint32_t p = 0; p < f_.f().params.size(); ++p) dparam_.emplace_back(l, GEMMACT_DPARAM | side_, p, options);
    kept_[0] = l.find(GEMMACT_KEPT | side_, 0);
    kept_[1] = l.find(GEMMACT_KEPT | side_, 1);
  }

  void element(int64_t b, int64_t i, int64_t j, approximate dy) {
    const double kept = kept_[0] == nullptr ? 0 : kept_[0]->at(b, i, j);
    if (combine_ == GEMMACT_MAXOUT) {
      for (size_t p = 0; p < dz_.size(); ++p) give(p, b, i, j, double(p) == kept ? dy : approximate{});
      return;
    }
    const bound_function::here p = f_.at(b, i, j);
    if (combine_ == GEMMACT_GATED) {
      const approximate value = f_.value(kept, 0, p);
      give(1, b, i, j, product(dy, value, f_.rounding()));
      dy = scaled(dy, kept_[1]->at(b, i, j), f_.rounding());
    }
    give(0, b, i, j, selected(dy, f_.grad(form_, kept, p), f_.rounding()));
    for (size_t n = 0; n < dparam_.size(); ++n)
      if (dparam_[n]) dparam_[n].add(b, i, j, selected(dy, f_.param_grad(int(n), kept, p), f_.rounding()));
  }

  void finish(std::vector<expectation>& all) {
    for (reduction& r : dbias_) r.finish(all);
    for (reduction& r : dparam_) r.finish(all);
  }

 private:
  void give(size_t p, int64_t b, int64_t i, int64_t j, approximate dz) {
    if (!std::isfinite(dz.value)) dz.error = 0;
    if (dz_[p] != nullptr) {
      const size_t at = l_.operands[dz_[p]->operand].place(b, i, j);
      dz_[p]->value[at] = dz.value;
      dz_[p]->error[at] = dz.error;
    }
    dbias_[p].add(b, i, j, dz);
  }

  const layer& l_;
  bound_function f_;
  gemmact_keep form_;
  gemmact_combine combine_;
  uint32_t side_;
  const operand* kept_[2];
  std::vector<expectation*> dz_;
  std::vector<reduction> dbias_, dparam_;
};

// dZ of product p as weight_grad and input_grad are given it: stored, or for a maxout dY where p won. Zero elsewhere.
dense given_dz(const layer& l, uint32_t p, int64_t b, bool transposed, const oracle_options& options) {
  if (l.combine != GEMMACT_MAXOUT) return multiplied(l, l.get(GEMMACT_DZ, p), b, transposed, options);
  dense dz = multiplied(l, l.get(GEMMACT_DY), b, transposed, options);
  const operand& kept = l.get(GEMMACT_KEPT);
  for (int64_t i = 0; i < l.m; ++i)
    for (int64_t j = 0; j < l.n; ++j)
      if (kept.at(b, i, j) != double(p)) dz.data[size_t(transposed ? j * l.m + i : i * l.n + j)] = 0;
  return dz;
}

}  // namespace

void expect_activation_grad(const layer& l, const oracle_options& options, std::vector<expectation>& all) {
  gradient_oracle oracle(l, false, options, all);
  const operand& dy = l.get(GEMMACT_DY);
  for (int64_t b = 0; b < l.batch; ++b)
    for (int64_t i = 0; i < l.m; ++i)
      for (int64_t j = 0; j < l.n; ++j) oracle.element(b, i, j, {dy.at(b, i, j), 0});
  oracle.finish(all);
}

void expect_input_grad(const layer& l, const oracle_options& options, std::vector<expectation>& all) {
  all.reserve(32);
  expectation* dx = begin(all, l, GEMMACT_DX);
  std::unique_ptr<gradient_oracle> below;
  if (!l.below.empty()) below = std::make_unique<gradient_oracle>(l, true, options, all);
  const double terms = double(l.n) * l.products() + 3;
  for (int64_t b = 0; b < l.batch; ++b) {
    product_sums t;
    for (int p = 0; p < l.products(); ++p)
      add_product(given_dz(l, uint32_t(p), b, false, options),
                  multiplied(l, l.get(GEMMACT_W, uint32_t(p)), b, true, options), t);
    for (int64_t i = 0; i < l.m; ++i)
      for (int64_t j = 0; j < l.k; ++j) {
        const size_t at = size_t(i * l.k + j);
        const bool certain = exact_sum(options, t.magnitude[at]) || !std::isfinite(t.sum[at]);
        const approximate v{in_f32(t.sum[at]), certain ? 0 : product_error(terms, options) * t.magnitude[at]};
        if (dx != nullptr) {
          const size_t place = l.operands[dx->operand].place(b, i, j);
          dx->value[place] = v.value;
          dx->error[place] = v.error;
        }
        if (below) below->element(b, i, j, v);
      }
  }
  if (below) below->finish(all);
}

void expect_weight_grad(const layer& l, const oracle_options& options, std::vector<expectation>& all) {
  all.reserve(32);
  const operand& x = l.get(GEMMACT_X);
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p) {
    reduction dbias(l, GEMMACT_DBIAS, p, options);
    expectation* dw = begin(all, l, GEMMACT_DW, p);
    const operand* out = l.find(GEMMACT_DW, p);
    std::vector<product_sums> entries(out == nullptr ? 1 : size_t(out->batch));
    for (int64_t b = 0; b < l.batch; ++b) {
      if (out != nullptr)
        add_product(given_dz(l, p, b, true, options), multiplied(l, x, b, true, options),
                    entries[out->batch == 1 ? 0 : size_t(b)]);
      if (!dbias) continue;
      // The sum of what is stored, not of what is rounded to tf32 for the product.
      const operand& from = l.combine == GEMMACT_MAXOUT ? l.get(GEMMACT_DY) : l.get(GEMMACT_DZ, p);
      for (int64_t i = 0; i < l.m; ++i)
        for (int64_t j = 0; j < l.n; ++j)
          if (l.combine != GEMMACT_MAXOUT || l.get(GEMMACT_KEPT).at(b, i, j) == double(p))
            dbias.add(b, i, j, {from.at(b, i, j), 0});
    }
    const double terms = double(l.m) * double(out != nullptr && out->batch == 1 ? l.batch : 1) + 3;
    for (size_t e = 0; dw != nullptr && e < entries.size(); ++e)
      for (size_t i = 0; i < entries[e].sum.size(); ++i) {
        const size_t at = e * entries[e].sum.size() + i;
        const double initial = out->accumulated ? out->values[at] : 0;
        dw->value[at] = initial + entries[e].sum[i];
        const bool certain =
            exact_sum(options, std::fabs(initial) + entries[e].magnitude[i]) || !std::isfinite(dw->value[at]);
        dw->error[at] = certain ? 0 : product_error(terms, options) * (entries[e].magnitude[i] + std::fabs(initial));
      }
    dbias.finish(all);
  }
}

}  // namespace gemmact::test

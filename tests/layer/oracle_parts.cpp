#include "tests/layer/oracle_parts.hpp"

#include <algorithm>

namespace gemmact::test {

bool exact_sum(const oracle_options& options, double magnitude) {
  // Beside f32's own largest numbers nothing else counts.
  if (!options.exact || !(magnitude >= options.exact_below) || magnitude > 0x1p100) return options.exact;
  if (!options.refuse) return false;
  throw std::logic_error(fmt::format("the case's data are not exact in f32: a sum reaches {}", magnitude));
}

namespace {

// The one whose type all factors of the products have; null where nothing is multiplied.
const operand* any_factor(const layer& l) {
  const operand* given = l.find(GEMMACT_DZ) == nullptr ? l.find(GEMMACT_DY) : l.find(GEMMACT_DZ);
  if (l.operation == GEMMACT_ACTIVATION_GRAD) return nullptr;
  return l.operation == GEMMACT_INPUT_GRAD ? given : l.find(GEMMACT_X);
}

}  // namespace

oracle_options with_precision_of(oracle_options options, const layer& l, const std::string& family) {
  if (family == "cpu") return options;
  options.function_error = 1e-6;
  if (family == "gemm_simt") return options;
  options.unit = 0x1p-23;
  if (family == "gemm_sm90") {
    options.tf32_halves = std::nearbyint;  // TMA rounds while it loads
    options.sum_unit = 0x1p-23;            // made by tensor cores, too
  }
  if (const operand* factor = any_factor(l); factor == nullptr || factor->spec.type != GEMMACT_E4M3) return options;
  options.unit = 0x1p-13;
  if (l.compute != GEMMACT_COMPUTE_FP8_FAST) options.longest_sum = 128;
  return options;
}

bound_function::bound_function(const layer& l, bool below, const oracle_options& options) {
  const std::string& text = below ? l.below : l.activation;
  const function_use use = parse_use(text.empty() ? "linear" : text);
  function_ = use.f;
  row_ = use.f->reference;
  std::copy_n(use.params, GEMMACT_MAX_PARAMS, text_.values);
  const uint32_t side = below ? uint32_t(GEMMACT_BELOW) : 0u;
  for (size_t p = 0; p < function_->params.size(); ++p)
    from_[p] = !function_->params[p].operand ? l.find(GEMMACT_PARAM | side, uint32_t(p))
               : function_->is_equation      ? &l.get(GEMMACT_OPERAND | side, uint32_t(p))
                                             : &l.get(GEMMACT_TARGET | side);
  fast_ = l.accuracy == GEMMACT_FAST;
  exact_ = options.exact && function_->exact;
  rounding_ = exact_ ? 0 : unit_f32;
  device_error_ = function_->exact ? 0 : options.function_error;
}

bound_function::here bound_function::at(int64_t b, int64_t i, int64_t j) const {
  here p = text_;
  for (size_t n = 0; n < function_->params.size(); ++n)
    if (from_[n] != nullptr) p.values[n] = from_[n]->at(b, i, j);
  return p;
}

approximate bound_function::spread(reference_value curve, double z, double delta, const here& p) const {
  const double v = curve(z, p.values);
  double error =
      exact_ || !std::isfinite(v) ? 0 : function_->value_error(z, v, p.values, fast_) + device_error_ * std::fabs(v);
  if (!(delta > 0)) return {v, error};
  const double slope = row_->lipschitz(p.values);
  const double curvature = row_->curvature(p.values);
  if (std::isfinite(slope)) error += slope * delta;
  else if (curvature > 0) error += std::fabs(row_->grad(z, p.values)) * delta + curvature * delta * delta / 2;
  else  // pieces that jump: either side of a breakpoint that is within delta
    error += std::max(std::fabs(curve(z - delta, p.values) - v), std::fabs(curve(z + delta, p.values) - v));
  return {v, error};
}

approximate bound_function::value(double z, double delta, const here& p) const {
  return spread(row_->value, z, delta, p);
}

approximate bound_function::other(double z, double delta, const here& p) const {
  return spread(row_->other, z, delta, p);
}

approximate bound_function::grad(gemmact_keep form, double kept, const here& p) const {
  double v, error;
  if (form == GEMMACT_KEEP_BIT) {
    v = row_->grad_from_bit(kept != 0, p.values);
    error = unit_f32 * std::fabs(v);
  } else if (form == GEMMACT_KEEP_OUTPUT) {
    v = row_->grad_from_output(kept, p.values);
    // A difference such as 1 - y and two products, each rounded.
    error = v == 0 ? 0 : 4 * unit_f32 * std::max(std::fabs(v), std::fabs(kept));
  } else {
    v = in_f32(row_->grad(kept, p.values));
    error = function_->grad_error(kept, p.values, fast_);
  }
  return {v, exact_ || !std::isfinite(v) ? 0 : error};
}

bool bound_function::bit(double z, const here& p) const { return row_->bit(z, p.values); }

approximate bound_function::param_grad(int i, double z, const here& p) const {
  if (row_->param_grad == nullptr) return {};
  const double v = row_->param_grad(i, z, p.values);
  if (exact_ || v == 0 || !std::isfinite(v)) return {v, 0};
  // As f and f' of the same z: z times a factor.
  const double factor = std::fabs(z) * function_->grad_error(z, p.values, fast_);
  return {v,
          function_->value_error(z, row_->value(z, p.values), p.values, fast_) + factor + 4 * unit_f32 * std::fabs(v)};
}

expectation* begin(std::vector<expectation>& all, const layer& l, uint32_t slot, uint32_t index) {
  const operand* o = l.find(slot, index);
  if (o == nullptr || !o->output) return nullptr;
  expectation& e = all.emplace_back();
  for (size_t i = 0; i < l.operands.size(); ++i)
    if (&l.operands[i] == o) e.operand = i;
  e.value.resize(o->count());
  e.error.resize(o->count());
  if (o->spec.type == GEMMACT_BIT || o->spec.type == GEMMACT_U8) e.allowed.resize(o->count());
  return &e;
}

reduction::reduction(const layer& l, uint32_t slot, uint32_t index, const oracle_options& options)
    : operand_(l.find(slot, index)),
      options_(options),
      unit_(l.operation == GEMMACT_WEIGHT_GRAD ? options.sum_unit : unit_f32) {
  options_.refuse = false;  // sums over everything do pass 24 bits
  if (operand_ == nullptr) return;
  for (size_t i = 0; i < l.operands.size(); ++i)
    if (&l.operands[i] == operand_) number_ = i;
  sum_.resize(operand_->count());
  error_.resize(operand_->count());
  count_.resize(operand_->count());
  may_overflow_.resize(operand_->count());
  if (operand_->accumulated) sum_ = operand_->values;
  for (const double v : sum_) magnitude_.push_back(std::fabs(v));
}

void reduction::add(int64_t b, int64_t i, int64_t j, approximate term) {
  if (operand_ == nullptr) return;
  const size_t at = operand_->place(b, i, j);
  sum_[at] += term.value;
  if (std::isfinite(term.value)) error_[at] += term.error;
  magnitude_[at] += std::fabs(term.value);
  count_[at] += 1;
  if (std::isfinite(term.value) && std::fabs(term.value) > 0x1p100) may_overflow_[at] = true;
}

void reduction::finish(std::vector<expectation>& all) {
  if (operand_ == nullptr) return;
  for (size_t at = 0; at < sum_.size(); ++at) {
    const bool open = std::isinf(error_[at]) || (may_overflow_[at] && magnitude_[at] > 0x1.fffffep127);
    const bool still_exact = error_[at] == 0 && exact_sum(options_, magnitude_[at]);
    if (!still_exact) error_[at] += gamma(count_[at] + 1, unit_) * (magnitude_[at] + error_[at]);
    if (!std::isfinite(sum_[at])) error_[at] = 0;
    // Whether such terms overflow, and what then meets what, depends on their order.
    if (open && !std::isnan(sum_[at])) {
      sum_[at] = 0;
      error_[at] = HUGE_VAL;
    }
  }
  all.push_back({number_, sum_, error_, {}});
}

void add_product(const dense& a, const dense& b, product_sums& to) {
  to.sum.resize(size_t(a.rows * b.rows));
  to.magnitude.resize(to.sum.size());
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < b.rows; ++j) {
      const double* x = a.data.data() + i * a.depth;
      const double* w = b.data.data() + j * b.depth;
      double sum = 0, magnitude = 0;
      for (int64_t l = 0; l < a.depth; ++l) {
        const double term = x[l] * w[l];
        sum += term;
        magnitude += std::fabs(term);
      }
      to.sum[size_t(i * b.rows + j)] += sum;
      to.magnitude[size_t(i * b.rows + j)] += magnitude;
    }
}

dense multiplied(const layer& l, const operand& o, int64_t b, bool transposed, const oracle_options& options) {
  const bool tf32 = l.compute == GEMMACT_COMPUTE_TF32 && o.spec.type == GEMMACT_F32;
  dense d{transposed ? o.cols : o.rows, transposed ? o.rows : o.cols, {}};
  d.data.resize(size_t(o.rows * o.cols));
  for (int64_t i = 0; i < o.rows; ++i)
    for (int64_t j = 0; j < o.cols; ++j) {
      const double v = o.at(b, i, j);
      d.data[size_t(transposed ? j * o.rows + i : i * o.cols + j)] = tf32 ? round_to_tf32(v, options.tf32_halves) : v;
    }
  return d;
}

gemmact_keep kept_form(const layer& l, bool below) {
  const gemmact_keep keep = below ? l.keep_below : l.keep;
  if (keep != GEMMACT_KEEP_AUTO) return keep;
  const uint32_t side = below ? uint32_t(GEMMACT_BELOW) : 0u;
  const operand* kept = l.find(GEMMACT_KEPT | side);
  if (kept == nullptr) return GEMMACT_KEEP_NOTHING;
  if (kept->spec.type == GEMMACT_BIT) return GEMMACT_KEEP_BIT;
  if (kept->spec.type == GEMMACT_U8) return GEMMACT_KEEP_INDEX;
  const bool gated = (below ? l.below_combine : l.combine) == GEMMACT_GATED;
  const bool trains = l.find(GEMMACT_DPARAM | side) != nullptr || (!below && l.flags & GEMMACT_TRAIN_PARAMS);
  const std::string& text = below ? l.below : l.activation;
  const gemmact_keep least = parse_use(text.empty() ? "linear" : text).f->needs;
  return !gated && !trains && least == GEMMACT_KEEP_OUTPUT ? GEMMACT_KEEP_OUTPUT : GEMMACT_KEEP_Z;
}

std::vector<expectation> expect(const layer& l, const oracle_options& options) {
  std::vector<expectation> all;
  switch (l.operation) {
    case GEMMACT_FORWARD:
      expect_forward(l, options, all);
      break;
    case GEMMACT_ACTIVATION_GRAD:
      expect_activation_grad(l, options, all);
      break;
    case GEMMACT_INPUT_GRAD:
      expect_input_grad(l, options, all);
      break;
    default:
      expect_weight_grad(l, options, all);
      break;
  }
  return all;
}

}  // namespace gemmact::test

#include "bench/core/backward_layer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/core/sample.hpp"

namespace gemmact_bench {
namespace {

struct placed_tensor {
  gemmact_tensor tensor;
  const void* backward_memory::*at;
};

std::vector<placed_tensor> placed(const bench_case& c, const backward_form& form, bool whole) {
  const bool below = c.operation == GEMMACT_INPUT_GRAD;
  const uint32_t layer = below ? GEMMACT_BELOW : 0;
  const gemmact_tensor kept = [&] {
    gemmact_tensor t = matrix(layer | GEMMACT_KEPT, form.keep == GEMMACT_KEEP_BIT ? GEMMACT_BIT : c.type);
    if (form.keep == GEMMACT_KEEP_BIT) t.ld = bits_ld(below ? c.k : c.n);
    return t;
  }();
  std::vector<placed_tensor> all;
  if (c.operation == GEMMACT_ACTIVATION_GRAD) {
    all = {{matrix(GEMMACT_DY, c.type), &backward_memory::gradient},
           {kept, &backward_memory::kept},
           {matrix(GEMMACT_DZ, c.type), &backward_memory::written}};
  } else if (below) {
    all = {{matrix(GEMMACT_DZ, c.type), &backward_memory::gradient},
           {matrix(GEMMACT_W, c.type), &backward_memory::factor}};
    if (whole) all.push_back({kept, &backward_memory::kept});
    all.push_back({matrix(whole ? uint32_t(GEMMACT_BELOW | GEMMACT_DZ) : uint32_t(GEMMACT_DX), c.type),
                   &backward_memory::written});
  } else {
    all = {{matrix(GEMMACT_DZ, c.type), &backward_memory::gradient},
           {matrix(GEMMACT_X, c.type), &backward_memory::factor},
           {matrix(GEMMACT_DW, form.dw), &backward_memory::written}};
  }
  if (whole) all.push_back({vector(layer | GEMMACT_DBIAS, GEMMACT_PER_COLUMN), &backward_memory::sums});
  return all;
}

// Sums that are compared: the last column and some others.
constexpr unsigned compared_columns = 4;
int64_t compared_column(unsigned seed, int64_t count) {
  const unsigned which = seed % compared_columns;
  return which == 0 ? count - 1 : int64_t(std::minstd_rand(which)()) % count;
}

}  // namespace

backward_form gpu_form(const bench_case& c) {
  return {.keep = c.operation == GEMMACT_WEIGHT_GRAD ? GEMMACT_KEEP_Z : least_kept(c), .dw = c.type};
}

bench_case separate_case(const bench_case& c) {
  bench_case alone = c;
  if (c.operation == GEMMACT_INPUT_GRAD) alone.operation = GEMMACT_ACTIVATION_GRAD, alone.n = c.k;
  return alone;
}

gemmact_problem backward_problem(const bench_case& c, const backward_form& form, bool whole) {
  gemmact_problem p{};
  p.operation = c.operation;
  p.m = c.m;
  p.n = c.n;
  p.k = c.k;
  p.compute = c.compute;
  p.accuracy = c.accuracy;
  if (c.operation == GEMMACT_ACTIVATION_GRAD) p.activation = c.function.c_str(), p.keep = form.keep;
  if (c.operation == GEMMACT_INPUT_GRAD && whole) p.below = c.function.c_str(), p.keep_below = form.keep;
  return p;
}

std::vector<gemmact_tensor> backward_tensors(const bench_case& c, const backward_form& form, bool whole,
                                             uint32_t alignment) {
  std::vector<gemmact_tensor> all;
  for (const placed_tensor& t : placed(c, form, whole)) {
    all.push_back(t.tensor);
    all.back().align_bytes = alignment;
  }
  return all;
}

void bind(fused_layer& plan, const bench_case& c, bool whole, const backward_memory& memory) {
  size_t number = 0;
  for (const placed_tensor& t : placed(c, {}, whole)) plan.bind(number++, memory.*t.at);
}

backward_layer::backward_layer(input_stores& stores, const bench_case& c, const backward_form& chosen)
    : what(c),
      form(chosen),
      rows(c.operation == GEMMACT_WEIGHT_GRAD ? c.n : c.m),
      cols(c.operation == GEMMACT_ACTIVATION_GRAD ? c.n : c.k),
      written(c.operation == GEMMACT_WEIGHT_GRAD ? chosen.dw : c.type),
      sums(c.operation == GEMMACT_INPUT_GRAD ? c.k : c.n),
      gradient(stores.inputs(c.type, c.m * (c.n + std::max(c.n, c.k))), c.m * c.n, false),
      factor(c.operation == GEMMACT_INPUT_GRAD ? stores.weights(c.type, c.weights(), false)
                                               : stores.inputs(c.type, c.m * (c.n + std::max(c.n, c.k))),
             c.operation == GEMMACT_INPUT_GRAD ? c.weights() : c.m * cols, false,
             c.operation == GEMMACT_INPUT_GRAD ? 0 : c.m * c.n),
      z(stores.inputs(c.type, c.m * (c.n + std::max(c.n, c.k))), c.m * cols, false, c.m * c.n) {
  if (c.operation != GEMMACT_WEIGHT_GRAD) oracle_.emplace(c.function);
}

std::vector<uint32_t> backward_layer::bits() const {
  const int64_t columns = kept_columns(), words = bits_ld(columns) / 32;
  std::vector<uint32_t> all(size_t(what.m * words));
  for (int64_t i = 0; i < what.m; ++i)
    for (int64_t j = 0; j < columns; ++j)
      if (z.floats()[i * columns + j] > 0) all[size_t(i * words + j / 32)] |= 1u << (j % 32);
  return all;
}

approximate backward_layer::product_at(int64_t i, int64_t j, const arm_path& path) const {
  const double extra = extra_error(what.numbers(), path.product);
  if (what.operation == GEMMACT_WEIGHT_GRAD)
    return dot(gradient.floats() + i, what.n, factor.floats() + j, what.k, what.m, extra);
  return dot(gradient.floats() + i * what.n, 1, factor.floats() + j, what.k, what.n, extra);
}

approximate backward_layer::slope_at(int64_t i, int64_t j, double of_z) const {
  const double at = z.floats()[i * kept_columns() + j];
  approximate slope = oracle_->slope({at, 0}, tolerance);
  slope.error += of_z * std::max(1.0, std::abs(at));
  return slope;
}

approximate backward_layer::written_at(int64_t i, int64_t j, const arm_path& path) const {
  switch (what.operation) {
    case GEMMACT_ACTIVATION_GRAD:
      return times({gradient.floats()[i * what.n + j], 0}, slope_at(i, j, path.of_z));
    case GEMMACT_INPUT_GRAD:
      return times(rounded(path.stored, product_at(i, j, path)), slope_at(i, j, path.of_z));
    default:
      return product_at(i, j, path);
  }
}

backward_layer::column_sum backward_layer::summed(int64_t j) const {
  column_sum s;
  std::vector<float> w(size_t(what.operation == GEMMACT_INPUT_GRAD ? what.n : 0));
  for (size_t n = 0; n < w.size(); ++n) w[n] = factor.floats()[int64_t(n) * what.k + j];
  const double extra = extra_error(what.numbers(), {operand_rounding::cut_off, true});
  for (int64_t i = 0; i < what.m; ++i) {
    approximate incoming = {w.empty() ? gradient.floats()[i * what.n + j] : 0, 0};
    if (!w.empty()) incoming = dot(gradient.floats() + i * what.n, 1, w.data(), 1, what.n, extra);
    const approximate term = oracle_ ? times(incoming, slope_at(i, j, 0)) : incoming;
    s.total.value += term.value;
    s.total.error += term.error;
    s.size += std::abs(term.value);
    if (oracle_)
      s.of_z += std::abs(incoming.value) * std::max(1.0, std::abs(double(z.floats()[i * kept_columns() + j])));
  }
  s.total.error += double(what.m + 1) * 0x1p-24 * s.size;
  // Each term may have been rounded to the inputs' type before it was added.
  if (what.type != GEMMACT_F32) s.total.error += s.size * (what.type == GEMMACT_F16 ? 0x1p-11 : 0x1p-8);
  if (what.compute == GEMMACT_COMPUTE_TF32) s.total.error += s.size * 0x1p-10;
  return s;
}

const backward_layer::column_sum& backward_layer::column(int64_t j) const {
  const auto at = columns_.find(j);
  return at != columns_.end() ? at->second : columns_.emplace(j, summed(j)).first->second;
}

double backward_layer::worst(const written_gradient& by, unsigned seed, const arm_path& path) const {
  const double elements = worst_of_samples(rows, cols, seed, [&](int64_t i, int64_t j) {
    return error_of(written, by.element(i, j), written_at(i, j, path));
  });
  if (!by.sum) return elements;
  const int64_t j = compared_column(seed, sums);
  approximate expected = column(j).total;
  expected.error += path.of_z * column(j).of_z;
  return std::max(elements, error_of(by.sum_type, by.sum(j), expected));
}

}  // namespace gemmact_bench

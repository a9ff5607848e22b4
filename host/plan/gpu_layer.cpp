#include "host/plan/gpu_layer.hpp"

#include <algorithm>
#include <type_traits>

#include "host/core/made_function.hpp"

namespace gemmact::plan {
namespace {

// The enumerations there have the interface's numbers, so that a cast converts.
template <class To, class From>
constexpr bool same(To to, From from) {
  return uint32_t(to) == uint32_t(from);
}
static_assert(same(families::element::f32, GEMMACT_F32) && same(families::element::bf16, GEMMACT_BF16) &&
              same(families::element::e5m2, GEMMACT_E5M2) && same(families::element::bit, GEMMACT_BIT));
static_assert(same(families::operation::forward, GEMMACT_FORWARD) &&
              same(families::operation::weight_grad, GEMMACT_WEIGHT_GRAD));
static_assert(same(families::combine::plain, GEMMACT_PLAIN) && same(families::combine::maxout, GEMMACT_MAXOUT));
static_assert(same(families::compute::strict, GEMMACT_COMPUTE_STRICT) &&
              same(families::compute::fp8_fast, GEMMACT_COMPUTE_FP8_FAST));
static_assert(same(families::keep::nothing, GEMMACT_KEEP_NOTHING) && same(families::keep::index, GEMMACT_KEEP_INDEX));
static_assert(same(families::extent::each, GEMMACT_EACH) && same(families::extent::per_row, GEMMACT_PER_ROW));
static_assert(same(families::slot::x, GEMMACT_X) && same(families::slot::kept, GEMMACT_KEPT) &&
              same(families::slot::beta, GEMMACT_BETA));
static_assert(same(accuracy::accurate, GEMMACT_ACCURATE) && same(accuracy::fast, GEMMACT_FAST));
static_assert(std::extent_v<decltype(families::function::params)> == core::max_params);

families::operand operand_of(const core::tensor& t) {
  families::operand o;
  o.what = static_cast<families::slot>(t.slot & ~uint32_t{GEMMACT_BELOW});
  o.below = (t.slot & GEMMACT_BELOW) != 0;
  o.index = t.index;
  o.type = static_cast<families::element>(t.type);
  o.spread = static_cast<families::extent>(t.extent);
  o.rows = t.rows, o.cols = t.cols;
  o.row_stride = t.row_stride, o.col_stride = t.col_stride, o.batch_stride = t.batch_stride;
  o.column_major = t.order == GEMMACT_COLUMN_MAJOR;
  o.align_bytes = t.align_bytes;
  o.output = t.output, o.accumulate = t.accumulate;
  o.binding = t.binding;
  return o;
}

}  // namespace

families::function gpu_function(const core::activation_use& use, gemmact_accuracy mode, bool backward) {
  families::function f;
  f.name = use.made != nullptr ? use.made->type : use.info->name;
  if (use.made != nullptr) {
    f.own = std::make_shared<const families::function_text>(families::function_text{use.made->files, use.made->source});
    f.instructions = (backward ? use.made->grad_instructions : use.made->value_instructions)[size_t(mode)];
  }
  f.special_functions = use.info->work[mode].special_functions;
  f.arithmetic = use.info->work[mode].arithmetic;
  f.param_count = use.info->param_count;
  std::copy(use.params.begin(), use.params.end(), f.params);
  for (int i = 0; i < use.info->param_count; ++i)
    if (use.info->params[i].is_operand && use.made == nullptr) f.target = i;
  return f;
}

families::layer gpu_layer(const core::problem& p) {
  families::layer layer;
  layer.what = static_cast<families::operation>(p.operation);
  layer.combined = static_cast<families::combine>(p.combine);
  layer.pieces = p.pieces;
  layer.computed = static_cast<families::compute>(p.compute);
  layer.mode = static_cast<accuracy>(p.accuracy);
  layer.batch_invariant = p.has(GEMMACT_BATCH_INVARIANT);
  layer.m_varies = p.has(GEMMACT_VARIABLE_M);
  layer.m = p.m, layer.n = p.n, layer.k = p.k, layer.batch = p.batch;
  if (p.activation.info != nullptr)
    layer.activation = gpu_function(p.activation, p.accuracy, p.operation != GEMMACT_FORWARD);
  layer.kept = static_cast<families::keep>(p.keep);
  if (p.below) layer.below = gpu_function(*p.below, p.accuracy, true);
  layer.below_combined = static_cast<families::combine>(p.below_combine);
  layer.below_pieces = p.below_pieces;
  layer.below_kept = static_cast<families::keep>(p.keep_below);
  for (const core::tensor& t : p.tensors) layer.operands.push_back(operand_of(t));
  return layer;
}

}  // namespace gemmact::plan

#include "tests/host/families/product_layers.hpp"

#include <algorithm>

namespace gemmact::test {
namespace {

// Of type bf16, m = n = k = 256.
sample_layer sized(sample_layer l) {
  l.problem.m = l.problem.n = l.problem.k = 256;
  for (gemmact_tensor& t : l.tensors)
    if (t.extent == GEMMACT_EACH) {
      t.align_bytes = t.type == GEMMACT_U8 ? 8 : 16;
      if (t.type == GEMMACT_F32) t.type = GEMMACT_BF16;
    }
  return l;
}

sample_layer add_columns(sample_layer l, uint32_t slot, uint32_t count) {
  for (uint32_t p = 0; p < count; ++p) l.add(slot, GEMMACT_F32, GEMMACT_PER_COLUMN, p);
  return l;
}

// Its sums, too.
sample_layer below(const char* function, gemmact_combine combine, gemmact_keep keep) {
  const uint32_t side = GEMMACT_BELOW, products = combine == GEMMACT_GATED ? 2 : 1;
  sample_layer l = input_grad_layer();
  l.problem.below = function, l.problem.below_combine = combine, l.problem.keep_below = keep;
  for (uint32_t p = 0; p < products; ++p) {
    l.add(side | GEMMACT_KEPT, keep == GEMMACT_KEEP_BIT ? GEMMACT_BIT : GEMMACT_BF16, GEMMACT_EACH, p);
    l.add(side | GEMMACT_DZ, GEMMACT_BF16, GEMMACT_EACH, p);
  }
  l = add_columns(sized(l), side | GEMMACT_DBIAS, products);
  if (keep == GEMMACT_KEEP_BIT) l.at(side | GEMMACT_KEPT).align_bytes = 4;
  return l;
}

// With a parameter of the function below a column, and its gradient.
sample_layer trained(const char* function, gemmact_combine combine = GEMMACT_PLAIN) {
  const uint32_t side = GEMMACT_BELOW;
  sample_layer l = below(function, combine, GEMMACT_KEEP_Z);
  return add_columns(add_columns(std::move(l), side | GEMMACT_PARAM, 1), side | GEMMACT_DPARAM, 1);
}

sample_layer without(uint32_t slot, sample_layer l) {
  l.drop(slot);
  return l;
}

sample_layer maxout_grad(gemmact_operation operation, uint32_t pieces) {
  sample_layer l(operation);
  l.problem.combine = GEMMACT_MAXOUT, l.problem.pieces = pieces;
  l.add(GEMMACT_DY).add(GEMMACT_KEPT, GEMMACT_U8);
  const bool input = operation == GEMMACT_INPUT_GRAD;
  l.add(input ? GEMMACT_DX : GEMMACT_X);
  for (uint32_t p = 0; p < pieces; ++p) l.add(input ? GEMMACT_W : GEMMACT_DW, GEMMACT_F32, GEMMACT_EACH, p);
  return input ? sized(l) : add_columns(sized(l), GEMMACT_DBIAS, pieces);
}

sample_layer gated_grad(gemmact_operation operation) {
  sample_layer l(operation);
  const bool input = operation == GEMMACT_INPUT_GRAD;
  l.problem.combine = GEMMACT_GATED;
  l.add(input ? GEMMACT_DX : GEMMACT_X);
  for (uint32_t p = 0; p < 2; ++p)
    l.add(GEMMACT_DZ, GEMMACT_F32, GEMMACT_EACH, p).add(input ? GEMMACT_W : GEMMACT_DW, GEMMACT_F32, GEMMACT_EACH, p);
  return sized(l);
}

sample_layer maxout(uint32_t pieces) {
  return add_columns(sized(maxout_layer(pieces).add(GEMMACT_KEPT, GEMMACT_U8)), GEMMACT_BIAS, pieces);
}

// Of f32, at no more than an element's alignment; X lies as takes most registers.
sample_layer maxout_one_by_one(uint32_t pieces) {
  sample_layer l = maxout_layer(pieces);
  l.at(GEMMACT_X).order = GEMMACT_COLUMN_MAJOR;
  l.problem.m = l.problem.n = l.problem.k = 256;
  return l;
}

sample_layer gated(const char* function) {
  sample_layer l = gated_layer(function);
  l.problem.keep = GEMMACT_KEEP_Z;
  for (uint32_t p = 0; p < 2; ++p) l.add(GEMMACT_KEPT, GEMMACT_BF16, GEMMACT_EACH, p);
  return add_columns(sized(l), GEMMACT_BIAS, 2);
}

}  // namespace

const std::vector<product_layer>& product_layers() {
  static const std::vector<product_layer> layers = {
      {"input_grad", [] { return sized(input_grad_layer()); }},
      {"input_grad over swish", [] { return below("swish", GEMMACT_PLAIN, GEMMACT_KEEP_Z); }},
      {"input_grad over relu, bits", [] { return below("relu", GEMMACT_PLAIN, GEMMACT_KEEP_BIT); }},
      {"input_grad over a pair", [] { return below("gelu", GEMMACT_GATED, GEMMACT_KEEP_Z); }},
      {"swish trained, and dX", [] { return trained("swish"); }},
      {"swish trained", [] { return without(GEMMACT_DX, trained("swish")); }},
      {"prelu trained", [] { return without(GEMMACT_DX, trained("prelu")); }},
      {"swish pair trained", [] { return without(GEMMACT_DX, trained("swish", GEMMACT_GATED)); }},
      {"weight_grad", [] { return sized(weight_grad_layer()); }},
      {"weight_grad with db", [] { return add_columns(sized(weight_grad_layer()), GEMMACT_DBIAS, 1); }},
      {"input_grad of a pair", [] { return gated_grad(GEMMACT_INPUT_GRAD); }},
      {"weight_grad of a pair", [] { return gated_grad(GEMMACT_WEIGHT_GRAD); }},
      {"input_grad of a maxout", [] { return maxout_grad(GEMMACT_INPUT_GRAD, 3); }},
      {"weight_grad of a maxout", [] { return maxout_grad(GEMMACT_WEIGHT_GRAD, 3); }},
      {"swish pair", [] { return gated("swish"); }},
      {"gelu pair", [] { return gated("gelu"); }},
      {"maxout of 2", [] { return maxout(2); }},
      {"maxout of 3", [] { return maxout(3); }},
      {"maxout of 5", [] { return maxout(5); }},
      {"maxout of 8", [] { return maxout(8); }},
      {"maxout of 8, one by one", [] { return maxout_one_by_one(8); }},
  };
  return layers;
}

std::vector<size_t> usual_kernels(const std::vector<uint32_t>& held, size_t at) {
  const uint32_t most = *std::max_element(held.begin(), held.end());
  std::vector<size_t> full, others;
  for (size_t i = 0; i < held.size(); ++i) (held[i] == most ? full : others).push_back(i);
  if (held.size() == 2) return {0, 1};
  const std::vector<size_t>& some = at % 2 == 1 || others.empty() ? full : others;
  return {some[at / 2 % some.size()]};
}

}  // namespace gemmact::test

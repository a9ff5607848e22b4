#include "bench/core/forward_layer.hpp"

#include <algorithm>
#include <cmath>

#include "bench/core/fused_layer.hpp"

namespace gemmact_bench {

forward_layer::forward_layer(input_stores& stores, const bench_case& c, bool cold)
    : what(c),
      pieces(c.pieces()),
      wide(c.wide()),
      function(c.function),
      w(stores.weights(c.type, c.weights(), cold), c.weights(), cold),
      x(stores.inputs(c.type, c.m * c.k + wide + 64), c.m * c.k, false),
      bias(stores.inputs(c.type, c.m * c.k + wide + 64).floats_at(c.m * c.k)),
      targets(size_t(c.m)) {
  w.keep_within(stores.rotated_room(c.type, c.weights()));
  for (size_t i = 0; i < targets.size(); ++i) targets[i] = i % 3 == 0 ? -1.0f : 1.0f;
}

gemmact_problem layer_problem(const bench_case& what) {
  gemmact_problem p{};
  p.operation = GEMMACT_FORWARD;
  p.combine = what.combine;
  p.pieces = what.combine == GEMMACT_MAXOUT ? uint32_t(what.pieces()) : 0;
  p.m = what.m;
  p.n = what.n;
  p.k = what.k;
  p.compute = what.compute;
  p.accuracy = what.accuracy;
  const std::string& text = what.equation.empty() ? what.function : what.equation;
  p.activation = text.empty() ? nullptr : text.c_str();
  return p;
}

std::vector<gemmact_tensor> layer_tensors(const bench_case& what, bool with_bias, uint32_t alignment) {
  std::vector<gemmact_tensor> all = {matrix(GEMMACT_X, what.type), matrix(GEMMACT_Y, what.output_type())};
  for (int p = 0; p < what.pieces(); ++p) {
    all.push_back(matrix(GEMMACT_W, what.type, uint32_t(p)));
    if (!with_bias) continue;
    all.push_back(vector(GEMMACT_BIAS, GEMMACT_PER_COLUMN));
    all.back().index = uint32_t(p);
  }
  for (gemmact_tensor& t : all) {
    t.align_bytes = alignment;
    // A later piece begins where the one before ends.
    const int64_t offset = t.index * (t.slot == GEMMACT_W ? what.n * what.k * bytes_of(what.type) : what.n * 4);
    while (t.align_bytes > 1 && offset % t.align_bytes != 0) t.align_bytes /= 2;
  }
  const bool takes_target = !what.function.empty() && default_parameters(what.function).operand >= 0;
  if (takes_target) all.push_back(vector(GEMMACT_TARGET, GEMMACT_PER_ROW));
  return all;
}

gemmact_problem forward_layer::problem() const { return layer_problem(what); }

std::vector<gemmact_tensor> forward_layer::tensors(bool with_bias, uint32_t alignment) const {
  return layer_tensors(what, with_bias, alignment);
}

approximate forward_layer::product_at(int64_t i, int64_t j, const arm_path& path) const {
  return dot(x.floats() + i * what.k, 1, w.floats() + j * what.k, 1, what.k, extra_error(what.numbers(), path.product));
}

approximate forward_layer::z_at(int64_t i, int64_t j, const arm_path& path) const {
  return plus(rounded(path.stored, product_at(i, j, path)), bias[j]);
}

approximate forward_layer::output_at(int64_t i, int64_t j, const arm_path& path) const {
  const approximate z = z_at(i, j, path);
  const auto activated = [&] {
    approximate y = function_oracle(what.function, targets[size_t(i)]).value(z, tolerance, what.accuracy);
    y.error += path.of_z * std::max(1.0, std::abs(z.value));
    return y;
  };
  if (what.combine == GEMMACT_PLAIN) return activated();
  if (what.combine == GEMMACT_GATED) return times(activated(), z_at(i, j + what.n, path));
  approximate largest = z;
  for (int p = 1; p < pieces; ++p) largest = larger(largest, z_at(i, j + p * what.n, path));
  return largest;
}

}  // namespace gemmact_bench

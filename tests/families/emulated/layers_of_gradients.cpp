#include "tests/families/emulated/layers_of_steps.hpp"
#include "tests/layer/equations.hpp"

namespace gemmact::test {
namespace {

constexpr gemmact_type number_types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16};
constexpr gemmact_type output_types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3};

class gradient_layers {
 public:
  gradient_layers(const placement& p, gemmact_operation operation)
      : like_(p.like_y),
        aligned_(p.aligned),
        multiplies_(operation == GEMMACT_INPUT_GRAD),
        side_(multiplies_ ? uint32_t(GEMMACT_BELOW) : 0u) {
    for (const gemmact_type type : number_types) forms(type), sources(type);
    for (const gemmact_type type : output_types) outputs(type);
    for (int sums = 0; sums < 4; ++sums) summed(sums);
    for (int sums = 0; sums < 8; ++sums) pairs(sums);
    for (const bool trained : {false, true}) {
      for (int sums = 0; sums < 2; ++sums) equations(GEMMACT_PLAIN, sums, trained);
      for (int sums = 0; sums < 4; ++sums) equations(GEMMACT_GATED, sums, trained);
    }
    if (!multiplies_)
      for (int pieces = 2; pieces <= 8; ++pieces)
        for (const gemmact_type type : output_types)
          for (const bool sums : {false, true}) maxout(pieces, type, sums);
  }
  std::vector<layer> take() { return std::move(all_); }

 private:
  layer& add(const char* activation, gemmact_combine combine = GEMMACT_PLAIN, gemmact_type written = GEMMACT_BF16) {
    layer& l = all_.emplace_back();
    l.operation = multiplies_ ? GEMMACT_INPUT_GRAD : GEMMACT_ACTIVATION_GRAD;
    (multiplies_ ? l.below : l.activation) = activation;
    (multiplies_ ? l.below_combine : l.combine) = combine;
    l.m = 21, l.n = multiplies_ ? 40 : 70, l.k = 70;
    if (multiplies_) {
      l.align_bytes = 16;
      l.add(GEMMACT_DZ, GEMMACT_BF16);
      l.add(GEMMACT_W, GEMMACT_BF16, {.pad = 2});
    }
    l.align_bytes = aligned_ ? 16 : 0;
    if (!multiplies_) l.add(GEMMACT_DY, GEMMACT_BF16, like_);
    for (uint32_t i = 0; i < (combine == GEMMACT_GATED ? 2u : 1u); ++i) matrix(l, side_ | GEMMACT_DZ, written, i);
    return l;
  }

  void matrix(layer& l, uint32_t slot, gemmact_type type, uint32_t index = 0) {
    listing how = like_;
    how.index = index;
    l.add(slot, type, how);
  }

  gemmact_keep& keep(layer& l) { return multiplies_ ? l.keep_below : l.keep; }

  layer& add_of_z(const char* activation, gemmact_type type = GEMMACT_BF16, gemmact_combine combine = GEMMACT_PLAIN) {
    layer& l = add(activation, combine);
    keep(l) = GEMMACT_KEEP_Z;
    for (uint32_t i = 0; i < (combine == GEMMACT_GATED ? 2u : 1u); ++i) matrix(l, side_ | GEMMACT_KEPT, type, i);
    return l;
  }

  // What f' is taken from.
  void forms(gemmact_type type) {
    add_of_z("prelu", type);
    layer& output = add("relu");
    keep(output) = GEMMACT_KEEP_OUTPUT;
    matrix(output, side_ | GEMMACT_KEPT, type);
    if (type != GEMMACT_F32) return;
    add("linear(c=2)");
    add("relu").add(side_ | GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  }

  // Tensors in place of one parameter and of two; a number beside one.
  void sources(gemmact_type type) {
    for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN}) {
      add_of_z("prelu").add(side_ | GEMMACT_PARAM, type, {.extent = extent});
      layer& both = add_of_z("clip");
      for (const uint32_t i : {0u, 1u}) both.add(side_ | GEMMACT_PARAM, type, {.index = i, .extent = extent});
    }
    add_of_z("clip(lo=-3, hi=5)").add(side_ | GEMMACT_PARAM, type, {.index = 1, .extent = GEMMACT_PER_COLUMN});
    for (const bool by_row : {false, true})
      add_of_z("hinge").add(side_ | GEMMACT_TARGET, type, by_row ? listing{.extent = GEMMACT_PER_ROW} : like_);
  }

  // Types of dZ; and DX beside it, or the second dZ of a pair.
  void outputs(gemmact_type type) {
    layer& plain = add("linear(c=2)", GEMMACT_PLAIN, type);
    if (multiplies_ && type != GEMMACT_E4M3) matrix(plain, GEMMACT_DX, type);
    layer& pair = add("relu", GEMMACT_GATED, type);
    keep(pair) = GEMMACT_KEEP_Z;
    const gemmact_type kept = type == GEMMACT_F16 ? GEMMACT_F16 : GEMMACT_BF16;
    for (const uint32_t i : {0u, 1u}) matrix(pair, side_ | GEMMACT_KEPT, kept, i);
  }

  void add_sums(layer& l, int products, int wanted) {
    for (int p = 0; p < products; ++p)
      if (wanted >> p & 1)
        l.add(side_ | GEMMACT_DBIAS, GEMMACT_F32, {.index = uint32_t(p), .extent = GEMMACT_PER_COLUMN});
  }

  void summed(int sums) {
    for (const bool from_tensor : {false, true}) {
      layer& l = add_of_z("prelu");
      if (from_tensor) l.add(side_ | GEMMACT_PARAM, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
      add_sums(l, 1, sums);
      if (sums >> 1) l.add(side_ | GEMMACT_DPARAM, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
    }
    if (sums == 1) {
      layer& two = add_of_z("clip");
      for (const uint32_t i : {0u, 1u})
        two.add(side_ | GEMMACT_PARAM, GEMMACT_F32, {.index = i, .extent = GEMMACT_SCALAR});
      add_sums(two, 1, 1);
    }
  }

  void pairs(int sums) {
    for (const bool from_tensor : {false, true}) {
      layer& l = add_of_z("prelu", GEMMACT_BF16, GEMMACT_GATED);
      if (from_tensor) l.add(side_ | GEMMACT_PARAM, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
      add_sums(l, 2, sums);
      if (sums >> 2) l.add(side_ | GEMMACT_DPARAM, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
    }
    if (sums > 3) return;
    layer& two = add_of_z("clip", GEMMACT_BF16, GEMMACT_GATED);
    for (const uint32_t i : {0u, 1u})
      two.add(side_ | GEMMACT_PARAM, GEMMACT_F32, {.index = i, .extent = GEMMACT_SCALAR});
    add_sums(two, 2, sums);
  }

  // Of several parameters, whose gradients are wanted or not; of functions of the catalogue one is trained.
  void equations(gemmact_combine combine, int sums, bool trained) {
    const auto extent = [](uint32_t i) { return i == 1 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR; };
    const auto finish = [&](layer& l, uint32_t params) {
      add_sums(l, combine == GEMMACT_GATED ? 2 : 1, sums);
      for (uint32_t i = 0; trained && i < params; ++i)
        l.add(side_ | GEMMACT_DPARAM, GEMMACT_F32, {.index = i, .extent = extent(i)});
    };
    layer& four = add_of_z(four_parameters, GEMMACT_BF16, combine);
    add_four(four, side_);
    finish(four, 3);
    if (!trained) return;
    finish(add_of_z(two_parameters, GEMMACT_BF16, combine), 2);
    layer& two = add_of_z(two_parameters, GEMMACT_BF16, combine);
    for (const uint32_t i : {0u, 1u}) two.add(side_ | GEMMACT_PARAM, GEMMACT_F32, {.index = i, .extent = extent(i)});
    finish(two, 2);
    if (combine == GEMMACT_GATED || sums != 0) return;
    layer& second = add_of_z(two_parameters);
    for (const uint32_t i : {0u, 1u}) second.add(side_ | GEMMACT_PARAM, GEMMACT_F32, {.index = i, .extent = extent(i)});
    second.add(side_ | GEMMACT_DPARAM, GEMMACT_F32, {.index = 1, .extent = extent(1)});
  }

  void maxout(int pieces, gemmact_type type, bool sums) {
    layer& l = all_.emplace_back();
    l.operation = GEMMACT_ACTIVATION_GRAD, l.combine = GEMMACT_MAXOUT, l.pieces = pieces;
    l.m = 21, l.n = 70;
    l.align_bytes = aligned_ ? 16 : 0;
    l.add(GEMMACT_DY, GEMMACT_BF16, like_);
    l.add(GEMMACT_KEPT, GEMMACT_U8);
    // The first is left out of some.
    for (int p = pieces % 2; p < pieces; ++p) matrix(l, GEMMACT_DZ, type, uint32_t(p));
    if (sums) l.add(GEMMACT_DBIAS, GEMMACT_F32, {.index = uint32_t(pieces - 1), .extent = GEMMACT_PER_COLUMN});
  }

  const listing like_;
  const bool aligned_, multiplies_;
  const uint32_t side_;
  std::vector<layer> all_;
};

}  // namespace

std::vector<layer> layers_of_gradients(const placement& p, gemmact_operation operation) {
  return gradient_layers(p, operation).take();
}

}  // namespace gemmact::test

#include "tests/families/emulated/layers_of_steps.hpp"
#include "tests/layer/equations.hpp"

namespace gemmact::test {
namespace {

constexpr gemmact_type number_types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16};
constexpr gemmact_type output_types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3};

class forward_layers {
 public:
  explicit forward_layers(const placement& p) : like_y_(p.like_y), aligned_(p.aligned) {
    for (const gemmact_type type : output_types) matrices(type), scaled(type), heads(type);
    scales();
    for (const gemmact_type type : number_types) biases(type), parameters(type), mixed_parameters(type), targets(type);
    layer& l = add("relu", GEMMACT_F32);
    l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
    for (const bool keeps : {false, true}) {
      layer& four = add(four_parameters, GEMMACT_F32);
      add_four(four, 0);
      if (keeps) four.add(GEMMACT_KEPT, GEMMACT_BIT);
    }
  }
  std::vector<layer> take() { return std::move(all_); }

 private:
  layer& add(const char* activation, gemmact_type y) {
    layer& l = all_.emplace_back();
    l.m = 21, l.n = 70, l.k = 40;
    l.activation = activation;
    l.align_bytes = 16;
    l.add(GEMMACT_X, GEMMACT_BF16);
    l.add(GEMMACT_W, GEMMACT_BF16);
    if (!aligned_) l.align_bytes = 0;
    l.add(GEMMACT_Y, y, like_y_);
    return l;
  }

  void matrices(gemmact_type type) {
    layer& l = add("leaky_relu(slope=0.5)", type);
    l.add(GEMMACT_C, type, like_y_);
    l.add(GEMMACT_RESIDUAL, type, like_y_);
    if (type == GEMMACT_E4M3) return;
    l.keep = GEMMACT_KEEP_Z;
    l.add(GEMMACT_KEPT, type, like_y_);
  }

  void scaled(gemmact_type type) {
    layer& l = add("relu", type);
    l.add(GEMMACT_C, type, like_y_);
    for (const gemmact_slot slot :
         {GEMMACT_BETA, GEMMACT_ALPHA, GEMMACT_SCALE_X, GEMMACT_SCALE_W, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
      l.add(slot, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  }

  void scales() {
    layer& l = add("linear", GEMMACT_F32);
    l.add(GEMMACT_SCALE_X, GEMMACT_F32, {.extent = GEMMACT_PER_ROW});
    l.add(GEMMACT_SCALE_W, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  }

  void heads(gemmact_type type) { add("sigmoid", type).add(GEMMACT_Y_OTHER, type, like_y_); }

  void biases(gemmact_type type) {
    for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW})
      add("relu", GEMMACT_BF16).add(GEMMACT_BIAS, type, {.extent = extent});
    add("relu", GEMMACT_BF16).add(GEMMACT_BIAS, type, like_y_);
  }

  // Of functions of one parameter and of two, with and without the side of the breakpoint.
  void parameters(gemmact_type type) {
    for (const char* name : {"prelu", "clip"})
      for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN})
        for (const bool keeps : {false, true}) {
          layer& l = add(name, GEMMACT_F32);
          for (uint32_t p = 0; p < find_function(name).params.size(); ++p)
            l.add(GEMMACT_PARAM, type, {.index = p, .extent = extent});
          if (keeps) l.add(GEMMACT_KEPT, GEMMACT_BIT);
        }
  }

  // One of two parameters from a tensor, the other a number; and two of different extents.
  void mixed_parameters(gemmact_type type) {
    for (const bool keeps : {false, true})
      for (int which = 0; which < 3; ++which) {
        layer& l = add("clip(lo=-3, hi=5)", GEMMACT_F32);
        if (which != 0)
          l.add(GEMMACT_PARAM, type, {.index = 0, .extent = which == 1 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR});
        if (which != 1) l.add(GEMMACT_PARAM, type, {.index = 1, .extent = GEMMACT_PER_COLUMN});
        if (keeps) l.add(GEMMACT_KEPT, GEMMACT_BIT);
      }
  }

  void targets(gemmact_type type) {
    for (const bool keeps : {false, true})
      for (const bool by_row : {false, true}) {
        layer& l = add("hinge", GEMMACT_F32);
        l.add(GEMMACT_TARGET, type, by_row ? listing{.extent = GEMMACT_PER_ROW} : like_y_);
        if (keeps) l.add(GEMMACT_KEPT, GEMMACT_BIT);
      }
  }

  const listing like_y_;
  const bool aligned_;
  std::vector<layer> all_;
};

}  // namespace

void add_four(layer& l, uint32_t side) {
  for (const uint32_t i : {0u, 2u}) l.add(side | GEMMACT_PARAM, GEMMACT_F32, {.index = i, .extent = GEMMACT_SCALAR});
  l.add(side | GEMMACT_PARAM, GEMMACT_BF16, {.index = 1, .extent = GEMMACT_PER_COLUMN});
  l.add(side | GEMMACT_OPERAND, GEMMACT_F16, {.index = 3, .extent = GEMMACT_PER_ROW});
}

std::vector<layer> layers_of_forward(const placement& p) { return forward_layers(p).take(); }

std::vector<layer> layers_of_products(const placement& p) {
  std::vector<layer> all;
  const auto add = [&](gemmact_combine combine, int pieces, const char* activation) -> layer& {
    layer& l = all.emplace_back();
    l.combine = combine, l.pieces = combine == GEMMACT_MAXOUT ? pieces : 0;
    l.m = 21, l.n = 70, l.k = 40;
    l.activation = activation;
    l.align_bytes = 16;
    l.add(GEMMACT_X, GEMMACT_BF16);
    for (uint32_t i = 0; i < uint32_t(pieces); ++i) l.add(GEMMACT_W, GEMMACT_BF16, {.index = i});
    if (!p.aligned) l.align_bytes = 0;
    l.add(GEMMACT_Y, GEMMACT_F32, p.like_y);
    return l;
  };
  const auto biases = [](layer& l, int pieces) {
    for (uint32_t i = 0; i < uint32_t(pieces); ++i)
      l.add(GEMMACT_BIAS, GEMMACT_F32, {.index = i, .extent = GEMMACT_PER_COLUMN});
  };
  biases(add(GEMMACT_GATED, 2, "relu"), 2);
  for (const gemmact_type type : number_types) {
    for (const char* name : {"prelu", "clip"})
      for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN}) {
        layer& l = add(GEMMACT_GATED, 2, name);
        for (uint32_t i = 0; i < find_function(name).params.size(); ++i)
          l.add(GEMMACT_PARAM, type, {.index = i, .extent = extent});
      }
  }
  add_four(add(GEMMACT_GATED, 2, four_parameters), 0);
  for (int pieces = 2; pieces <= 8; ++pieces)
    for (const bool keeps : {false, true}) {
      layer& l = add(GEMMACT_MAXOUT, pieces, "");
      biases(l, pieces);
      if (keeps) l.add(GEMMACT_KEPT, GEMMACT_U8);
    }
  return all;
}

}  // namespace gemmact::test

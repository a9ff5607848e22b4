#include "kernels/families/gemm_simt/family.hpp"
#include "tests/families/emulated/walks_of_products.hpp"

namespace gemmact::test {
namespace {

namespace gemm = families::gemm_simt;

struct variant {
  int tile = 0;  // row of configs.inc
  gemmact_type type = GEMMACT_F32;
  bool wide = true;  // pieces of several elements
  gemmact_order x = GEMMACT_ROW_MAJOR, w = GEMMACT_ROW_MAJOR;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  int64_t batch = 2;
};

constexpr int smallest = int(std::size(gemm::configs)) - 1;  // the tile that all kernels exist of

std::string name_of(const variant& v, const std::string& plan) {
  std::string name = plan + " " + (v.compute == GEMMACT_COMPUTE_TF32 ? "tf32" : type_name(v.type));
  if (!v.wide) name += " one by one";
  if (v.x != GEMMACT_ROW_MAJOR) name += ", X along m";
  if (v.w != GEMMACT_ROW_MAJOR) name += ", W along n";
  return name;
}

// Two slices and a part, ragged at all edges; a tile of each entry of the batch.
walk walk_of(const variant& v) {
  const gemm::config tile = gemm::configs[v.tile];
  const int64_t unit = v.wide ? 8 : 1;
  walk made;
  layer& l = made.l;
  l.batch = v.batch;
  l.compute = v.compute;
  l.m = tile.block_m - unit;
  l.n = tile.block_n - unit;
  l.k = 2 * tile.depth + (v.wide ? tile.depth / 2 : 7);
  l.activation = "relu";
  const uint32_t align = v.wide ? 16 : uint32_t(element_bytes(v.type));
  for (const auto& [slot, order] : {std::pair(GEMMACT_X, v.x), std::pair(GEMMACT_W, v.w)})
    l.add(uint32_t(slot), v.type, {.order = order, .pad = v.wide ? 16 : 1}).spec.align_bytes = align;
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 3});
  l.add(GEMMACT_Y, GEMMACT_F32, {.pad = 5});
  l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  made.plan = "gemm_simt:" + gemm::tile_name(tile);
  made.name = name_of(v, made.plan);
  return made;
}

// Of the smallest tile; `wide`: pieces of several elements.
walk walk_of(product_case c, bool wide) {
  const gemm::config tile = gemm::configs[smallest];
  const int64_t several = c.type == GEMMACT_F32 ? 4 : 8;
  const bool beside = c.operation == GEMMACT_FORWARD;
  int64_t stage = tile.depth;
  if (beside) stage = gemm::beside_each_other(tile, uint32_t(c.combine == GEMMACT_GATED ? 2 : c.pieces)).depth;
  c.align_bytes = wide ? 16 : uint32_t(element_bytes(c.type));
  return product_walk(c, {tile.block_m, tile.block_n, stage, wide ? several : 1}, "gemm_simt:" + gemm::tile_name(tile));
}

// What tests/support/emulated_gpu/gemm_simt_products.cpp has.
void add_product_walks(std::vector<walk>& all) {
  constexpr gemmact_operation forward = GEMMACT_FORWARD, input = GEMMACT_INPUT_GRAD, weight = GEMMACT_WEIGHT_GRAD;
  const auto one_by_one = [&](const product_case& c) { all.push_back(walk_of(c, false)); };
  const auto in_pieces = [&](const product_case& c) { all.push_back(walk_of(c, true)); };
  const auto of = [](gemmact_operation operation, gemmact_type type, int pieces = 0) {
    product_case c{.operation = operation, .type = type, .pieces = pieces, .batch = 2};
    if (pieces != 0) c.combine = pieces == 2 && operation == forward ? GEMMACT_GATED : GEMMACT_MAXOUT;
    return c;
  };
  const auto with_db = [](product_case c) { return c.db = true, c; };
  const auto with_sums = [](product_case c, int sums) { return c.sums = sums, c; };
  const auto turned = [](product_case c, bool a, bool b) { return c.a_along = a, c.b_along = b, c; };
  const auto split = [](product_case c) { return c.splits = true, c.batch = 1, c; };

  each_product_order(with_db(of(weight, GEMMACT_F32)), one_by_one);
  each_product_order(with_db(of(weight, GEMMACT_BF16)), in_pieces);
  for (const int sums : {1, 2}) each_product_order(with_sums(of(input, GEMMACT_F32), sums), one_by_one);
  each_product_order(with_sums(of(input, GEMMACT_BF16), 1), in_pieces);
  one_by_one(with_sums(turned(of(input, GEMMACT_F32), true, false), 3));
  for (const gemmact_type type : {GEMMACT_F16, GEMMACT_BF16})
    one_by_one(with_sums(turned(of(input, type), true, false), 1));
  product_case tf32 = with_db(turned(of(weight, GEMMACT_F32), false, false));
  tf32.compute = GEMMACT_COMPUTE_TF32;
  one_by_one(tf32);
  tf32 = with_sums(turned(of(input, GEMMACT_F32), true, false), 1);
  tf32.compute = GEMMACT_COMPUTE_TF32;
  one_by_one(tf32);
  one_by_one(with_db(of(weight, GEMMACT_E4M3)));

  one_by_one(split(of(input, GEMMACT_F32)));
  in_pieces(split(with_db(turned(of(weight, GEMMACT_BF16), false, false))));
  one_by_one(split(turned(of(weight, GEMMACT_F32, 3), false, false)));

  // Pairs, and batches that are summed: operands in turn, by kernels that plain layers have, too.
  for (const gemmact_operation operation : {input, weight}) {
    product_case pair = of(operation, GEMMACT_F32);
    pair.combine = GEMMACT_GATED;
    one_by_one(pair);
    pair.accumulates = pair.sums_batch = pair.db = true;
    if (operation == weight) one_by_one(pair);
  }

  each_product_order(of(input, GEMMACT_F32, 3), one_by_one);
  each_product_order(with_db(of(weight, GEMMACT_F32, 3)), one_by_one);
  each_product_order(of(input, GEMMACT_BF16, 3), in_pieces);
  in_pieces(with_db(turned(of(weight, GEMMACT_BF16, 3), false, false)));
  one_by_one(turned(of(input, GEMMACT_F16, 3), true, false));

  each_product_order(of(forward, GEMMACT_F32, 2), one_by_one);
  each_product_order(of(forward, GEMMACT_BF16, 2), in_pieces);
  one_by_one(of(forward, GEMMACT_F16, 2)), in_pieces(of(forward, GEMMACT_E4M3, 2));
  one_by_one(of(forward, GEMMACT_F32, 3)), in_pieces(of(forward, GEMMACT_BF16, 3));
  in_pieces(of(forward, GEMMACT_F32, 4)), one_by_one(of(forward, GEMMACT_BF16, 5));
  in_pieces(of(forward, GEMMACT_F16, 6));
  product_case seven = of(forward, GEMMACT_F32, 7);
  seven.compute = GEMMACT_COMPUTE_TF32;
  one_by_one(seven);
  one_by_one(of(forward, GEMMACT_F32, 8)), in_pieces(of(forward, GEMMACT_BF16, 8));
}

}  // namespace

std::vector<walk> all_gemm_simt_walks() {
  std::vector<walk> all;
  for (const bool wide : {true, false}) {
    for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3})
      for (const gemmact_compute compute : {GEMMACT_COMPUTE_STRICT, GEMMACT_COMPUTE_TF32})
        for (const gemmact_order x : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
          for (const gemmact_order w : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
            if (type == GEMMACT_F32 || compute == GEMMACT_COMPUTE_STRICT)
              all.push_back(walk_of({smallest, type, wide, x, w, compute}));
    for (int tile = 0; tile < smallest; ++tile) all.push_back(walk_of({tile, GEMMACT_BF16, wide}));
  }
  add_product_walks(all);
  return all;
}

std::vector<walk> telling_gemm_simt_walks() {
  std::vector<walk> all;
  for (int tile = 0; tile < smallest; ++tile) {
    variant v{tile, GEMMACT_BF16, tile % 2 == 0};
    if (gemm::configs[tile].threads() > 128) v.batch = 1;  // as many warps in one block
    all.push_back(walk_of(v));
  }
  all.push_back(walk_of({smallest}));
  // The largest of Y, which the last block writes.
  walk largest = walk_of({smallest, GEMMACT_E4M3, false, GEMMACT_COLUMN_MAJOR});
  largest.l.add(GEMMACT_AMAX_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  largest.name += ", amax";
  all.push_back(std::move(largest));
  // Sums over rows, of so large a batch, too, that they come together in two steps; masks, splits, and products beside each
  // other.
  product_case c{.operation = GEMMACT_INPUT_GRAD, .type = GEMMACT_F32, .sums = 2};
  for (const int64_t batch : {int64_t{2}, int64_t{epilogue::rows_together} + 2})
    c.batch = batch, all.push_back(walk_of(c, false));
  c = {.operation = GEMMACT_WEIGHT_GRAD, .a_along = false, .b_along = false, .db = true, .splits = true};
  all.push_back(walk_of(c, true));
  c = {.operation = GEMMACT_WEIGHT_GRAD,
       .combine = GEMMACT_MAXOUT,
       .type = GEMMACT_F32,
       .pieces = 3,
       .db = true,
       .batch = 2};
  all.push_back(walk_of(c, false));
  all.push_back(walk_of({.combine = GEMMACT_MAXOUT, .type = GEMMACT_F32, .pieces = 3, .batch = 2}, false));
  return all;
}

}  // namespace gemmact::test

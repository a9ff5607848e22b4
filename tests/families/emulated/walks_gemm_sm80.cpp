#include "kernels/families/gemm_sm80/family.hpp"
#include "tests/families/emulated/walks_of_products.hpp"

namespace gemmact::test {
namespace {

namespace gemm = families::gemm_sm80;
using families::element;

struct variant {
  int tile = 0;  // row of configs.inc
  gemmact_type type = GEMMACT_BF16;
  int64_t piece = 16;
  gemmact_order x = GEMMACT_ROW_MAJOR, w = GEMMACT_ROW_MAJOR;
  int64_t batch = 1;
  bool splits = false;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
};

constexpr int few_rows = 8, many_rows = 3;  // the tiles that all kernels exist of
constexpr int more_rows = 6;                // of more than six products beside each other

// With 128 sums a thread there is none for what a batch and small pieces need.
bool has_room(int tile) { return gemm::configs[tile].warp_m() * gemm::configs[tile].warp_n() / 32 <= 64; }

int64_t bytes_of(gemmact_type type) { return element_bytes(type); }

// The least size from `size` on that is a whole number of pieces and, below 16 bytes, of no more than that.
int64_t in_pieces(const variant& v, int64_t size) {
  const int64_t piece = std::max<int64_t>(v.piece / bytes_of(v.type), 1), unit = v.piece == 16 ? piece : 2 * piece;
  const int64_t rest = v.piece == 16 ? 0 : piece;
  return size + (rest - size % unit + unit) % unit;
}

void add_operand(layer& l, uint32_t slot, const variant& v, gemmact_order order) {
  const int64_t lines = slot == GEMMACT_X ? l.m : l.n, minor = order == GEMMACT_ROW_MAJOR ? l.k : lines;
  const int64_t pad = in_pieces(v, minor) - minor;
  l.add(slot, v.type, {.order = order, .pad = v.batch > 1 ? -1 : pad}).spec.align_bytes = uint32_t(v.piece);
}

std::string name_of(const variant& v, const std::string& plan) {
  std::string name = plan + " " + type_name(v.type) + " pieces of " + std::to_string(v.piece);
  if (v.x != GEMMACT_ROW_MAJOR) name += ", X along m";
  if (v.w != GEMMACT_ROW_MAJOR) name += ", W along n";
  if (v.batch > 1) name += ", batch";
  if (v.compute == GEMMACT_COMPUTE_FP8_FAST) name += ", fast sums";
  return name;
}

walk walk_of(const variant& v) {
  const gemm::config tile = gemm::configs[v.tile];
  const int64_t stage = int64_t(tile.span_bytes) / bytes_of(v.type);
  walk made;
  layer& l = made.l;
  l.batch = v.batch;
  l.compute = v.compute;
  l.m = tile.min_blocks == 1 ? tile.block_m - 5 : tile.block_m + 3;  // three tiles each of one multiprocessor's blocks
  l.n = 2 * tile.block_n + 5;
  l.k = 5 * stage / 2 - 1;
  if (v.splits) l.m = tile.block_m - 9, l.n = tile.block_n - 9, l.k = 17 * stage / 2 - 1;  // a part of a tile a block
  if (v.batch > 1) {  // entries lie close to each other
    l.k = in_pieces(v, l.k);
    if (v.x != GEMMACT_ROW_MAJOR) l.m = in_pieces(v, l.m);
    if (v.w != GEMMACT_ROW_MAJOR) l.n = in_pieces(v, l.n);
  }
  l.activation = "relu";
  add_operand(l, GEMMACT_X, v, v.x);
  add_operand(l, GEMMACT_W, v, v.w);
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 3});
  l.add(GEMMACT_Y, GEMMACT_F32, {.pad = 5});
  l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  made.plan = "gemm_sm80:" + gemm::tile_name(tile, element(v.type), 1) + (v.splits ? "s*" : "");
  made.name = name_of(v, made.plan);
  return made;
}

// Calls visit(variant) for each way in which operands may lie.
template <class Visit>
void each_order(variant v, Visit&& visit) {
  for (const gemmact_order x : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
    for (const gemmact_order w : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR}) v.x = x, v.w = w, visit(v);
}

walk walk_of(const product_case& c) {
  const gemm::config tile = gemm::configs[c.operation == GEMMACT_FORWARD && c.pieces > 6 ? more_rows : few_rows];
  const bool beside = c.operation == GEMMACT_FORWARD;
  const int64_t bytes = bytes_of(c.type);
  return product_walk(c, {tile.block_m, beside ? tile::strip_cols : tile.block_n, tile.span_bytes / bytes},
                      "gemm_sm80:" + gemm::tile_name(tile, element(c.type), 1));
}

// What tests/support/emulated_gpu/gemm_sm80_products.cpp has.
void add_product_walks(std::vector<walk>& all) {
  constexpr gemmact_operation forward = GEMMACT_FORWARD, input = GEMMACT_INPUT_GRAD, weight = GEMMACT_WEIGHT_GRAD;
  constexpr gemmact_combine plain = GEMMACT_PLAIN, gated = GEMMACT_GATED, maxout = GEMMACT_MAXOUT;
  const auto add = [&](const product_case& c) { all.push_back(walk_of(c)); };
  const auto batches = [&](product_case c) {
    for (const int64_t batch : {1, 2}) c.batch = batch, add(c);
  };
  const auto of = [](gemmact_operation operation, gemmact_combine combine, gemmact_type type, uint32_t align) {
    product_case c{operation, combine, type, align};
    if (combine == GEMMACT_MAXOUT) c.pieces = 3;
    if (type == GEMMACT_F32) c.compute = GEMMACT_COMPUTE_TF32;
    return c;
  };
  const auto with_db = [](product_case c) { return c.db = true, c; };
  const auto with_sums = [](product_case c, int sums) { return c.sums = sums, c; };
  const auto turned = [](product_case c, bool a, bool b) { return c.a_along = a, c.b_along = b, c; };
  const auto split = [](product_case c) { return c.splits = true, c; };

  each_product_order(with_db(of(weight, plain, GEMMACT_BF16, 16)), batches);
  each_product_order(with_db(of(weight, plain, GEMMACT_BF16, 2)), add);
  each_product_order(with_db(of(weight, plain, GEMMACT_F16, 16)), add);
  each_product_order(with_db(of(weight, plain, GEMMACT_F32, 16)), add);
  for (const int sums : {1, 2}) each_product_order(with_sums(of(input, plain, GEMMACT_BF16, 16), sums), batches);
  each_product_order(with_sums(of(input, plain, GEMMACT_F16, 2), 1), add);
  add(with_sums(turned(of(input, plain, GEMMACT_F32, 16), true, false), 1));
  for (const int sums : {3, 4, 5}) add(with_sums(turned(of(input, plain, GEMMACT_BF16, 16), true, false), sums));
  product_case split_depth = split(with_db(turned(of(weight, plain, GEMMACT_BF16, 16), false, false)));
  batches(split_depth);
  add(split(with_sums(turned(of(input, plain, GEMMACT_BF16, 16), true, false), 1)));
  for (const gemmact_compute sums : {GEMMACT_COMPUTE_STRICT, GEMMACT_COMPUTE_FP8_FAST}) {
    product_case e4m3 = with_db(of(weight, plain, GEMMACT_E4M3, 16));
    e4m3.compute = sums;
    add(e4m3);
  }
  add(with_sums(of(input, plain, GEMMACT_E4M3, 16), 1));

  // Pairs, and batches that are summed: operands in turn, by kernels that batches have, too.
  add(turned(of(input, gated, GEMMACT_BF16, 16), true, false));
  product_case pair = turned(of(weight, gated, GEMMACT_BF16, 16), false, false);
  add(pair);
  pair.accumulates = pair.sums_batch = pair.db = true, pair.batch = 3;
  add(pair);

  for (const auto& [type, align] : {std::pair(GEMMACT_BF16, 16u), std::pair(GEMMACT_BF16, 8u),
                                    std::pair(GEMMACT_F16, 16u), std::pair(GEMMACT_F32, 16u)}) {
    for (const bool along : {true, false}) {
      add(turned(of(input, maxout, type, align), true, along));
      add(turned(of(weight, maxout, type, align), false, along));
    }
    add(with_db(turned(of(weight, maxout, type, align), false, false)));
  }
  add(split(turned(of(input, maxout, GEMMACT_BF16, 16), true, false)));
  product_case two = split(with_db(turned(of(weight, maxout, GEMMACT_BF16, 16), false, false)));
  two.pieces = 2;  // as many places as the GPU has for two tiles in two parts
  add(two);

  each_product_order(of(forward, gated, GEMMACT_BF16, 16), batches);
  each_product_order(of(forward, gated, GEMMACT_F16, 16), add);
  for (const uint32_t align : {8u, 4u, 2u}) add(of(forward, gated, GEMMACT_BF16, align));
  add(of(forward, gated, GEMMACT_F32, 16)), add(turned(of(forward, gated, GEMMACT_F32, 16), false, false));
  product_case e4m3 = of(forward, gated, GEMMACT_E4M3, 16);
  add(e4m3);
  e4m3.compute = GEMMACT_COMPUTE_FP8_FAST;
  add(e4m3);
  for (int pieces = 3; pieces <= 8; ++pieces) {
    product_case c = of(forward, maxout, GEMMACT_BF16, 16);
    c.pieces = pieces;
    batches(c);
  }
  add(of(forward, maxout, GEMMACT_F16, 2));
  all.push_back(product_walk(of(forward, gated, GEMMACT_BF16, 16), {128, 64, 32}, "gemm_sm80:128x128x32x3"));
}

}  // namespace

std::vector<walk> all_gemm_sm80_walks() {
  std::vector<walk> all;
  const auto add = [&](const variant& v) { all.push_back(walk_of(v)); };
  const auto batches = [&](variant v) {
    for (const int64_t batch : {1, 2}) v.batch = batch, add(v);
  };
  const auto splits = [&](variant v) {
    for (const bool split : {false, true}) v.splits = split, batches(v);
  };
  for (const int64_t piece : {16, 8, 4, 2}) {
    for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16}) each_order({few_rows, type, piece}, splits);
    for (int tile = 0; tile < int(std::size(gemm::configs)); ++tile)
      if (piece == 16 || has_room(tile)) add({tile, GEMMACT_BF16, piece});
  }
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16}) each_order({many_rows, type}, add);
  variant tf32{many_rows, GEMMACT_F32};
  tf32.compute = GEMMACT_COMPUTE_TF32;
  add(tf32);
  tf32.tile = few_rows;
  for (const int64_t piece : {16, 8, 4}) {
    tf32.piece = piece;
    each_order(tf32, splits);
  }
  for (const int64_t piece : {16, 8, 4, 1}) {
    variant e4m3{few_rows, GEMMACT_E4M3, piece};
    splits(e4m3);
    e4m3.compute = GEMMACT_COMPUTE_FP8_FAST;
    splits(e4m3);
  }
  add_product_walks(all);
  return all;
}

std::vector<walk> telling_gemm_sm80_walks() {
  std::vector<walk> all;
  for (int tile = 0; tile < int(std::size(gemm::configs)); ++tile)
    if (tile != 1 && tile != 2) all.push_back(walk_of({tile}));  // these two are others but for their stages
  for (const int64_t piece : {8, 4, 2}) all.push_back(walk_of({few_rows, GEMMACT_BF16, piece}));
  all.push_back(walk_of({few_rows, GEMMACT_F16, 16, GEMMACT_COLUMN_MAJOR, GEMMACT_COLUMN_MAJOR}));
  variant tf32{few_rows, GEMMACT_F32, 16, GEMMACT_COLUMN_MAJOR, GEMMACT_ROW_MAJOR};
  tf32.compute = GEMMACT_COMPUTE_TF32;
  all.push_back(walk_of(tf32));
  all.push_back(walk_of({few_rows, GEMMACT_E4M3}));
  variant split{few_rows};
  split.splits = true;
  all.push_back(walk_of(split));
  // The largest of Y, which the last block writes.
  walk largest = walk_of({few_rows});
  largest.l.add(GEMMACT_AMAX_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  largest.name += ", amax";
  all.push_back(std::move(largest));
  // Sums over rows, masks, and products beside each other.
  all.push_back(walk_of(product_case{.operation = GEMMACT_INPUT_GRAD, .b_along = false, .sums = 2}));
  product_case c{.operation = GEMMACT_WEIGHT_GRAD, .a_along = false, .b_along = false, .db = true, .batch = 2};
  all.push_back(walk_of(c));
  c.combine = GEMMACT_MAXOUT, c.pieces = 3;
  all.push_back(walk_of(c));
  for (const int pieces : {3, 8}) all.push_back(walk_of(product_case{.combine = GEMMACT_MAXOUT, .pieces = pieces}));
  return all;
}

}  // namespace gemmact::test

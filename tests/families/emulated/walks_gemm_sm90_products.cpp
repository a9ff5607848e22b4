// Walks of gemm_sm90 with several products, of backward's operations, and with sums over rows.
#include "tests/families/emulated/walks_gemm_sm90.hpp"

namespace gemmact::test {
namespace {

namespace gemm = families::gemm_sm90;
using families::element;

struct variant {
  gemmact_operation what = GEMMACT_FORWARD;
  int products = 2;  // of forward more than two are a maxout's
  int tile = together;
  gemmact_type type = GEMMACT_BF16;
  bool a_turned = false, b_turned = false;  // column-major
  bool staged = true, reads = false, keeps = false;
  int64_t batch = 1;
  bool splits = false;
  bool sums_batch = false;
  uint32_t sums = 0;    // a bit a product that has a db
  bool slope = false;   // the layer below learns its slope
  bool pair = false;    // the layer below is gated, and has a db of both products or of none
  bool turned = false;  // what the pair below has is column-major
  bool odd = false;     // the kept bits' rows are an odd number of words apart
  int blocks = 1;
  bool deep = false;
};

// The tile's lengths: D's rows and columns, and the depth, in the words of the forward layer.
void set_sizes(layer& l, const variant& v, const gemm::config& tile) {
  const int64_t stage = int64_t(tile.span) / element_bytes(v.type), width = tile.width();
  int64_t rows = 2 * tile.block_m * tile.cluster * v.blocks - 5, cols = (tile.pingpong ? 3 : 2) * width - 27;
  int64_t depth = 7 * stage / 2 - 1;
  if (v.deep) rows = tile.block_m * tile.cluster * v.blocks - 5, depth = 2 * tile.stages * stage - 1;
  if (v.splits) rows = tile.block_m - 9, cols = width - 11, depth = 31 * stage / 2 - 1;
  if (v.what == GEMMACT_FORWARD) l.m = rows, l.n = cols, l.k = depth;
  if (v.what == GEMMACT_INPUT_GRAD) l.m = rows, l.k = cols, l.n = depth;
  if (v.what == GEMMACT_WEIGHT_GRAD) l.n = rows, l.k = cols, l.m = depth;
}

gemmact_order order_of(bool turned) { return turned ? GEMMACT_COLUMN_MAJOR : GEMMACT_ROW_MAJOR; }

void add_forward(layer& l, const variant& v) {
  l.activation = v.products > 2 ? "" : "swish";
  l.add(GEMMACT_X, v.type, {.order = order_of(v.a_turned)});
  for (uint32_t p = 0; p < uint32_t(v.products); ++p) {
    l.add(GEMMACT_W, v.type, {.index = p, .order = order_of(v.b_turned)});
    l.add(GEMMACT_BIAS, GEMMACT_F32, {.index = p, .extent = GEMMACT_PER_COLUMN, .batched = false});
  }
  if (v.products > 2) l.add(GEMMACT_KEPT, GEMMACT_U8);
  for (uint32_t p = 0; p < 2 && v.keeps; ++p) l.add(GEMMACT_KEPT, GEMMACT_F16, {.index = p});
  if (v.reads) l.add(GEMMACT_RESIDUAL, GEMMACT_BF16);
  l.add(GEMMACT_Y, v.staged ? GEMMACT_BF16 : GEMMACT_F32);
}

void add_pair_below(layer& l, const variant& v) {
  l.below = "swish", l.below_combine = GEMMACT_GATED, l.keep_below = GEMMACT_KEEP_Z;
  for (uint32_t p = 0; p < 2; ++p) {
    for (const uint32_t slot : {GEMMACT_KEPT, GEMMACT_DZ})
      l.add(GEMMACT_BELOW | slot, GEMMACT_BF16, {.index = p, .order = order_of(v.turned)});
    if (v.sums != 0)
      l.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, {.index = p, .extent = GEMMACT_PER_COLUMN, .batched = false});
  }
}

void add_input_grad(layer& l, const variant& v) {
  for (uint32_t p = 0; p < uint32_t(v.products); ++p) {
    l.add(GEMMACT_DZ, v.type, {.index = p, .order = order_of(v.a_turned)});
    l.add(GEMMACT_W, v.type, {.index = p, .order = order_of(v.b_turned)});
  }
  if (v.pair) return add_pair_below(l, v);
  const gemmact_type out = v.staged ? GEMMACT_BF16 : GEMMACT_F32;
  if (v.sums == 0 || v.keeps) l.add(GEMMACT_DX, v.sums == 0 ? out : GEMMACT_F16);
  if (v.sums == 0) return;
  l.below = v.slope ? "prelu" : v.reads ? "tanh" : "relu";
  l.keep_below = v.reads ? GEMMACT_KEEP_Z : GEMMACT_KEEP_BIT;
  if (v.reads) l.add(GEMMACT_BELOW | GEMMACT_KEPT, GEMMACT_BF16);
  else l.add(GEMMACT_BELOW | GEMMACT_KEPT, GEMMACT_BIT, {.pad = v.odd});
  l.add(GEMMACT_BELOW | GEMMACT_DZ, out);
  l.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = v.batch > 1});
  if (!v.slope) return;
  l.add(GEMMACT_BELOW | GEMMACT_PARAM, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = false});
  l.add(GEMMACT_BELOW | GEMMACT_DPARAM, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = false});
}

void add_weight_grad(layer& l, const variant& v) {
  if (v.reads) l.flags |= GEMMACT_ACCUMULATE_DW;
  l.add(GEMMACT_X, v.type, {.order = order_of(v.b_turned)});
  for (uint32_t p = 0; p < uint32_t(v.products); ++p) {
    l.add(GEMMACT_DZ, v.type, {.index = p, .order = order_of(v.a_turned)});
    l.add(GEMMACT_DW, v.staged ? GEMMACT_BF16 : GEMMACT_F32, {.index = p, .batched = !v.sums_batch});
    if (v.sums >> p & 1)
      l.add(GEMMACT_DBIAS, GEMMACT_F32, {.index = p, .extent = GEMMACT_PER_COLUMN, .batched = !v.sums_batch});
  }
}

std::string name_of(const variant& v, const std::string& plan) {
  constexpr const char* operations[] = {"", " forward", "", " input grad", " weight grad"};
  std::string name = plan + operations[v.what] + ", " + std::to_string(v.products) + " products";
  if (v.a_turned) name += ", A turned";
  if (v.b_turned) name += ", B turned";
  if (!v.staged) name += ", f32 out";
  if (v.batch > 1) name += v.sums_batch ? ", summed batch" : ", batch";
  if (v.reads) name += ", reads";
  if (v.keeps) name += ", keeps";
  if (v.sums != 0) name += v.slope ? ", sums and slope" : ", sums";
  if (v.pair) name += v.turned ? ", a pair below turned" : ", a pair below";
  if (v.odd) name += ", bits of odd rows";
  return name;
}

// For a block, or a cluster, four tiles or six of pingpong, ragged in each length; three stages and a half of each stretch.
walk walk_of(const variant& v) {
  gemm::config tile = gemm::configs[v.tile];
  walk made;
  layer& l = made.l;
  l.operation = v.what;
  l.combine = v.products == 1 ? GEMMACT_PLAIN : v.products == 2 ? GEMMACT_GATED : GEMMACT_MAXOUT;
  l.pieces = v.products > 2 ? v.products : 0;
  l.compute = v.type == GEMMACT_F32 ? GEMMACT_COMPUTE_TF32 : GEMMACT_COMPUTE_STRICT;
  l.batch = v.batch;
  l.align_bytes = 16;
  tile.parts = v.what == GEMMACT_FORWARD ? u32(v.products) : 1;
  tile.reads = v.reads && !v.splits, tile.keeps = v.keeps && !v.splits, tile.staged = v.staged;
  tile.sums = v.what == GEMMACT_INPUT_GRAD ? (v.sums != 0) * (1 + v.slope + v.pair) : 0;
  tile.reads_pair = v.pair;
  tile.sums_a = v.what == GEMMACT_WEIGHT_GRAD ? v.sums : 0;
  tile.splits = v.splits;
  tile.curved = false, tile.stages = gemm::fitting_stages(tile);
  set_sizes(l, v, tile);
  if (v.what == GEMMACT_FORWARD) add_forward(l, v);
  if (v.what == GEMMACT_INPUT_GRAD) add_input_grad(l, v);
  if (v.what == GEMMACT_WEIGHT_GRAD) add_weight_grad(l, v);
  made.plan = "gemm_sm90:" + gemm::tile_name(tile, element(v.type), 1) + (v.splits ? "s*" : "");
  made.name = name_of(v, made.plan);
  return made;
}

variant forward(int products, int tile) { return {.products = products, .tile = tile}; }
variant input_grad(int products, uint32_t sums, int tile = together) {
  return {.what = GEMMACT_INPUT_GRAD, .products = products, .tile = tile, .sums = sums};
}
variant weight_grad(int products, uint32_t sums, int tile = together) {
  return {.what = GEMMACT_WEIGHT_GRAD, .products = products, .tile = tile, .sums = sums};
}
variant with(variant v, void (*change)(variant&)) {
  change(v);
  return v;
}

void staging(variant&) {}
void reading(variant& v) { v.reads = true; }
void keeping(variant& v) { v.keeps = true; }
void reading_and_keeping(variant& v) { v.reads = v.keeps = true; }
void deep(variant& v) { v.deep = true; }
void odd(variant& v) { v.odd = true; }
void direct(variant& v) { v.staged = false; }
void batched(variant& v) { v.batch = 2; }
void direct_batched(variant& v) { v.staged = false, v.batch = 2; }
void reading_batch(variant& v) { v.reads = true, v.batch = 2; }
void all_batched(variant& v) { v.reads = v.keeps = true, v.batch = 2; }
void summed(variant& v) { v.batch = 2, v.sums_batch = true; }
void direct_summed(variant& v) { v.staged = false, v.batch = 2, v.sums_batch = true; }
void split(variant& v) { v.splits = true; }
void split_batched(variant& v) { v.splits = true, v.batch = 2; }
void split_summed(variant& v) { v.splits = v.sums_batch = true, v.batch = 2; }
void direct_split_summed(variant& v) { v.staged = false, split_summed(v); }
void learning_batch(variant& v) { v.reads = v.slope = true, v.batch = 2; }
void learning(variant& v) { v.reads = v.keeps = v.slope = true; }
void pair_below(variant& v) { v.reads = v.keeps = v.pair = true; }
void pair_below_turned(variant& v) { pair_below(v), v.turned = true; }
void b_turned(variant& v) { v.b_turned = true; }

using changes = std::initializer_list<void (*)(variant&)>;

}  // namespace

std::vector<walk> all_gemm_sm90_product_walks() {
  std::vector<walk> all;
  const auto add = [&](const variant& v, const changes& how) {
    for (const auto change : how) all.push_back(walk_of(with(v, change)));
  };
  for (const bool rows : {false, true}) {
    variant gated = forward(2, together);
    gated.b_turned = rows;
    add(gated, {staging, keeping, batched, all_batched, direct, direct_batched});
  }
  add(forward(2, in_turn), {keeping}), add(forward(2, two_together), {b_turned});
  add(forward(2, two_in_turn), {reading});
  variant other = forward(2, together);
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_E4M3}) other.type = type, add(other, {staging});
  add(forward(4, together), {staging, direct, reading});
  add(forward(3, row_of(128, 192, 1, false)), {staging}), add(forward(5, narrow_slabs), {staging});
  add(forward(6, row_of(128, 192, 2, false)), {staging});
  add(input_grad(2, 0), {staging}), add(input_grad(2, 1), {all_batched, direct_batched});
  add(input_grad(1, 1), {staging, reading, reading_and_keeping, direct, learning, pair_below});
  add(input_grad(1, 1, in_turn), {reading_and_keeping, pair_below}),
      add(input_grad(1, 1, two_together), {staging, reading, odd}),
      add(input_grad(1, 1, two_in_turn), {staging, pair_below});
  variant tf32 = input_grad(1, 1);
  tf32.type = GEMMACT_F32, tf32.b_turned = true;
  add(tf32, {direct}), add(input_grad(1, 1), {learning_batch}), add(input_grad(1, 0), {pair_below, pair_below_turned});
  add(weight_grad(1, 1), {staging, reading, batched, summed, direct, direct_summed});
  add(weight_grad(2, 3), {direct}), add(weight_grad(2, 2), {reading}), add(weight_grad(2, 1), {batched});
  for (const bool a : {false, true})
    for (const bool b : {false, true}) {
      const auto turned = [&](variant v) {
        v.a_turned = a, v.b_turned = b, v.type = GEMMACT_F16;
        return v;
      };
      add(turned(input_grad(2, 0)), {staging, direct_batched}), add(turned(weight_grad(2, 3)), {direct});
      add(turned(input_grad(1, 1)), {staging, direct, reading_batch});
      add(turned(weight_grad(1, 1)), {staging, direct, direct_summed});
    }
  add(weight_grad(1, 1, in_turn), {staging}), add(weight_grad(1, 1, two_together), {staging});
  return all;
}

std::vector<walk> split_gemm_sm90_product_walks() {
  std::vector<walk> all;
  for (const variant& v :
       {with(forward(2, together), split_batched), with(input_grad(1, 1), split), with(weight_grad(1, 1), split),
        with(weight_grad(1, 1), direct_split_summed), with(weight_grad(2, 3), split_summed)})
    all.push_back(walk_of(v));
  variant rows = with(forward(2, together), split_batched);
  rows.b_turned = true;
  all.push_back(walk_of(rows));
  return all;
}

std::vector<walk> telling_gemm_sm90_product_walks() {
  std::vector<walk> all;
  for (const variant& v : {with(forward(2, together), keeping), with(input_grad(1, 1, in_turn), reading_and_keeping),
                           with(input_grad(1, 1, in_turn), pair_below), with(weight_grad(1, 1, in_turn), deep)})
    all.push_back(walk_of(v));
  return all;
}

std::vector<walk> shared_gemm_sm90_product_walks() {
  std::vector<walk> all;
  for (variant v : {with(input_grad(1, 1), reading), with(weight_grad(1, 1), direct)}) {
    v.blocks = 2, v.deep = v.what == GEMMACT_WEIGHT_GRAD;
    all.push_back(walk_of(v));
  }
  return all;
}

}  // namespace gemmact::test

#include "tests/families/emulated/walks_gemm_sm90.hpp"

namespace gemmact::test {
namespace {

namespace gemm = families::gemm_sm90;
using families::element;

struct variant {
  int tile = 0;  // row of configs.inc
  gemmact_type type = GEMMACT_BF16;
  gemmact_order x = GEMMACT_ROW_MAJOR, w = GEMMACT_ROW_MAJOR;
  int64_t batch = 1;
  bool splits = false;
  bool staged = true;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  bool reads = false;  // TMA brings the residual
  bool keeps = false;  // z, which TMA stores
  bool adds = false;   // what the lanes read, Y itself where TMA does not bring that
  int blocks = 1;      // or clusters, that have a walk's usual number of tiles each
  bool deep = false;   // a tile fills the ring twice
};

int64_t piece_of(const variant& v) { return 16 / element_bytes(v.type); }  // TMA's 16 bytes, in elements

void add_operand(layer& l, uint32_t slot, const variant& v, gemmact_order order) {
  const int64_t lines = slot == GEMMACT_X ? l.m : l.n, minor = order == GEMMACT_ROW_MAJOR ? l.k : lines;
  const int64_t pad = up(minor, piece_of(v)) - minor;
  l.add(slot, v.type, {.order = order, .pad = v.batch > 1 ? -1 : pad}).spec.align_bytes = 16;
}

std::string name_of(const variant& v, const std::string& plan) {
  std::string name = plan + " " + (v.type == GEMMACT_F32 ? "tf32" : type_name(v.type));
  if (v.x != GEMMACT_ROW_MAJOR) name += ", X along m";
  if (v.w != GEMMACT_ROW_MAJOR) name += ", W along n";
  if (v.batch > 1) name += ", batch";
  if (!v.staged) name += ", f32 out";
  if (v.reads) name += ", residual by TMA";
  if (v.keeps) name += ", z kept by TMA";
  if (v.adds) name += v.reads ? ", C by lanes" : ", residual by lanes";
  if (v.compute == GEMMACT_COMPUTE_FP8_FAST) name += ", fast sums";
  return name;
}

// For a block, or a cluster, four tiles or six of pingpong, ragged in m, n and k; three stages and a half each, so that the
// ring is filled four times. With splits, one tile of each batch entry, and of two blocks each fills it as often.
walk walk_of(const variant& v) {
  gemm::config tile = gemm::configs[v.tile];
  tile.curved = false, tile.reads = v.reads, tile.keeps = v.keeps, tile.staged = v.staged;
  tile.stages = gemm::fitting_stages(tile);
  const int64_t stage = int64_t(tile.span) / element_bytes(v.type);
  walk made;
  layer& l = made.l;
  l.batch = v.batch;
  l.compute = v.type == GEMMACT_F32 ? GEMMACT_COMPUTE_TF32 : v.compute;
  l.m = 2 * tile.block_m * tile.cluster * v.blocks - 5;
  l.n = (tile.pingpong ? 3 : 2) * tile.block_n - 27;
  l.k = 7 * stage / 2 - 1;
  if (v.deep) l.m = tile.block_m * tile.cluster - 5, l.k = 2 * tile.stages * stage - 1;
  if (v.splits) l.m = tile.block_m - 9, l.n = tile.block_n - 27, l.k = 63 * stage / 2 - 1;
  if (v.batch > 1) {  // entries lie close to each other
    const int64_t piece = piece_of(v);
    l.m = up(l.m, piece), l.n = up(l.n, 8), l.k = up(l.k, piece);
  }
  l.activation = "relu";
  add_operand(l, GEMMACT_X, v, v.x);
  add_operand(l, GEMMACT_W, v, v.w);
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  const listing y{.pad = v.staged ? up(l.n, 8) - l.n : 5};
  if (v.staged) l.add(GEMMACT_Y, GEMMACT_BF16, y).spec.align_bytes = 16;
  else l.add(GEMMACT_Y, GEMMACT_F32, y);
  if (v.reads) l.add(GEMMACT_RESIDUAL, GEMMACT_F16, {.pad = y.pad + 8}).spec.align_bytes = 16;
  if (v.adds && (v.reads || v.splits)) {
    const uint32_t slot = v.reads ? GEMMACT_C : GEMMACT_RESIDUAL;
    l.add(slot, l.get(GEMMACT_Y).spec.type, y).spec.align_bytes = l.get(GEMMACT_Y).spec.align_bytes;
    l.share_with_y(slot);
  } else if (v.adds) {
    l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 3});
  }
  if (v.keeps)
    l.keep = GEMMACT_KEEP_Z, l.add(GEMMACT_KEPT, GEMMACT_BF16, {.pad = up(l.n, 8) - l.n}).spec.align_bytes = 16;
  else l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = v.w == GEMMACT_ROW_MAJOR});  // rows of odd words or even
  made.plan = "gemm_sm90:" + gemm::tile_name(tile, element(v.type), 1) + (v.splits ? "s*" : "");
  made.name = name_of(v, made.plan);
  return made;
}

std::vector<walk> joined(std::vector<walk> some, std::vector<walk> others) {
  for (walk& w : others) some.push_back(std::move(w));
  return some;
}

// Calls visit(variant) for each way in which operands may lie.
template <class Visit>
void each_order(variant v, Visit&& visit) {
  for (const gemmact_order x : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
    for (const gemmact_order w : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR}) v.x = x, v.w = w, visit(v);
}

// Calls visit(variant) for each way in which a staged output is computed.
template <class Visit>
void each_staged(variant v, Visit&& visit) {
  for (int how = 0; how < (v.splits ? 2 : 8); ++how)
    v.adds = how % 2 != 0, v.reads = how / 2 % 2 != 0, v.keeps = how / 4 != 0, visit(v);
}
template <class Visit>
void each_output(variant v, Visit&& visit) {
  for (const int64_t batch : {1, 2}) {
    v.batch = batch, v.staged = true;
    each_staged(v, visit);
    v.staged = false, v.adds = true;
    visit(v);
  }
}

// The largest of Y, which the last block writes.
walk with_amax(walk w) {
  w.l.add(GEMMACT_AMAX_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  w.name += ", amax";
  return w;
}

}  // namespace

std::vector<walk> all_gemm_sm90_walks() {
  std::vector<walk> all;
  const auto add = [&](const variant& v) { all.push_back(walk_of(v)); };
  const auto outputs = [&](const variant& v) { each_output(v, add); };
  variant fast{together, GEMMACT_E4M3}, fast_in_turn{in_turn, GEMMACT_E4M3};
  fast.compute = fast_in_turn.compute = GEMMACT_COMPUTE_FP8_FAST;
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16}) each_order({together, type}, outputs);
  for (const variant& v : {variant{in_turn}, variant{together, GEMMACT_F32}, variant{together, GEMMACT_E4M3}, fast})
    outputs(v);
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16}) each_order({in_turn, type}, add);
  for (variant v :
       {variant{in_turn, GEMMACT_F16}, variant{in_turn, GEMMACT_F32}, variant{in_turn, GEMMACT_E4M3}, fast_in_turn})
    for (const bool to_f32 : {false, true}) v.staged = !to_f32, add(v);
  for (const int tile : {two_together, two_in_turn}) each_order({tile}, add);
  variant cluster{two_together};
  cluster.batch = 2;
  add(cluster);
  cluster.tile = two_in_turn, cluster.w = GEMMACT_COLUMN_MAJOR;
  add(cluster);
  for (int tile = 0; tile < int(std::size(gemm::configs)); ++tile) {
    const gemm::config& c = gemm::configs[tile];
    if (c.curved) continue;  // another order of tiles alone
    variant usual{tile}, direct{tile}, reading{tile};
    direct.staged = false, reading.reads = true;
    add(usual), add(reading);
    if (c.consumer_rows() * c.block_n <= 128 * gemm::config::consumer_threads) add(direct);
  }
  return joined(std::move(all), all_gemm_sm90_product_walks());
}

std::vector<walk> split_gemm_sm90_walks() {
  std::vector<walk> all;
  const auto add = [&](const variant& v) { all.push_back(walk_of(v)); };
  const auto outputs = [&](variant v) {
    v.splits = true;
    each_output(v, add);
  };
  each_order({together}, outputs);
  for (const gemmact_type type : {GEMMACT_F16, GEMMACT_F32}) outputs({together, type});
  variant e4m3{together, GEMMACT_E4M3}, narrow{narrow_slabs};
  e4m3.splits = narrow.splits = true;
  add(e4m3), add(narrow);
  narrow.adds = true;
  add(narrow);
  e4m3.compute = GEMMACT_COMPUTE_FP8_FAST;
  add(e4m3);
  return joined(std::move(all), split_gemm_sm90_product_walks());
}

std::vector<walk> telling_gemm_sm90_walks() {
  variant along_k{together}, turns{in_turn},
      along_rows{in_turn, GEMMACT_F16, GEMMACT_COLUMN_MAJOR, GEMMACT_COLUMN_MAJOR};
  turns.deep = along_rows.deep = true;
  variant reading = along_k, keeping{in_turn}, direct = along_k;
  reading.reads = reading.adds = true;
  keeping.deep = keeping.reads = keeping.keeps = true;
  keeping.batch = 2;
  direct.staged = false, direct.adds = true;
  std::vector<walk> all;
  for (const variant& v : {along_k, turns, reading, keeping, direct, along_rows, variant{together, GEMMACT_E4M3}})
    all.push_back(walk_of(v));
  return joined(std::move(all), telling_gemm_sm90_product_walks());
}

std::vector<walk> shared_gemm_sm90_walks() {
  variant along_rows{two_together, GEMMACT_BF16, GEMMACT_COLUMN_MAJOR, GEMMACT_COLUMN_MAJOR}, turns{two_in_turn};
  turns.deep = true;
  variant two_blocks{together}, split{narrow_slabs};
  two_blocks.blocks = 2;
  split.splits = split.adds = true;
  return joined({walk_of(along_rows), walk_of(turns), with_amax(walk_of(two_blocks)), walk_of(split)},
                shared_gemm_sm90_product_walks());
}

}  // namespace gemmact::test

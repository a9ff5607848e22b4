#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/families/emulated/walks.hpp"

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
  int blocks = 1;      // or clusters, that have a walk's usual number of tiles each
  bool deep = false;   // a tile fills the ring twice
};

// The rows of the tiles of gemm_sm90_rows.hpp.
int row_of(u32 block_m, u32 block_n, u32 cluster, bool pingpong) {
  int row = 0;
  while (gemm::configs[row].block_m != block_m || gemm::configs[row].block_n != block_n ||
         gemm::configs[row].cluster != cluster || gemm::configs[row].pingpong != pingpong)
    ++row;
  return row;
}
const int together = row_of(128, 128, 1, false), in_turn = row_of(64, 128, 1, true);
const int two_together = row_of(128, 256, 2, false), two_in_turn = row_of(128, 128, 2, true);
const int narrow_slabs = row_of(128, 160, 1, false);

int64_t up(int64_t size, int64_t to) { return (size + to - 1) / to * to; }
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
  if (v.compute == GEMMACT_COMPUTE_FP8_FAST) name += ", fast sums";
  return name;
}

// For a block, or a cluster, four tiles or six of pingpong, ragged in m, n and k; three stages and a half each, so that the
// ring is filled four times. With splits, one tile of each batch entry, and of two blocks each fills it as often.
walk walk_of(const variant& v) {
  gemm::config tile = gemm::configs[v.tile];
  tile.reads = v.reads, tile.keeps = v.keeps;
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
  if (v.reads) l.add(GEMMACT_RESIDUAL, GEMMACT_F16, {.pad = up(l.n, 8) - l.n + 8}).spec.align_bytes = 16;
  else l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 3});
  if (v.staged) l.add(GEMMACT_Y, GEMMACT_BF16, {.pad = up(l.n, 8) - l.n}).spec.align_bytes = 16;
  else l.add(GEMMACT_Y, GEMMACT_F32, {.pad = 5});
  if (v.keeps)
    l.keep = GEMMACT_KEEP_Z, l.add(GEMMACT_KEPT, GEMMACT_BF16, {.pad = up(l.n, 8) - l.n}).spec.align_bytes = 16;
  else l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  made.plan = "gemm_sm90:" + gemm::tile_name(tile, element(v.type), 1) + (v.splits ? "s*" : "");
  made.name = name_of(v, made.plan);
  return made;
}

// Calls visit(variant) for each way in which operands may lie.
template <class Visit>
void each_order(variant v, Visit&& visit) {
  for (const gemmact_order x : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
    for (const gemmact_order w : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR}) v.x = x, v.w = w, visit(v);
}

// Calls visit(variant) for each way in which the outputs of one type and order are computed, but for splits.
template <class Visit>
void each_output(variant v, Visit&& visit) {
  for (const int64_t batch : {1, 2})
    for (const bool staged : {true, false})
      for (int by_tma = 0; by_tma < (staged ? 4 : 1); ++by_tma)
        v.batch = batch, v.staged = staged, v.reads = by_tma % 2 != 0, v.keeps = by_tma / 2 != 0, visit(v);
}

// Calls visit(variant) for each type and order of which there are kernels for each way.
template <class Visit>
void each_operands(Visit&& visit) {
  for (const int tile : {together, in_turn}) each_order({tile}, visit);
  each_order({together, GEMMACT_F16}, visit);
  visit(variant{together, GEMMACT_F32});
  variant e4m3{together, GEMMACT_E4M3};
  visit(e4m3);
  e4m3.compute = GEMMACT_COMPUTE_FP8_FAST;
  visit(e4m3);
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
  each_operands([&](const variant& v) { each_output(v, add); });
  each_order({in_turn, GEMMACT_F16}, add);
  for (variant v : {variant{in_turn, GEMMACT_F16}, variant{in_turn, GEMMACT_F32}, variant{in_turn, GEMMACT_E4M3}})
    for (const bool fast : {false, true})
      for (const bool staged : {true, false})
        if (!fast || v.type == GEMMACT_E4M3)
          v.staged = staged, v.compute = fast ? GEMMACT_COMPUTE_FP8_FAST : GEMMACT_COMPUTE_STRICT, add(v);
  for (const int tile : {two_together, two_in_turn}) each_order({tile}, add);
  variant cluster{two_together};
  cluster.batch = 2;
  add(cluster);
  cluster.tile = two_in_turn, cluster.w = GEMMACT_COLUMN_MAJOR;
  add(cluster);
  for (int tile = 0; tile < int(std::size(gemm::configs)); ++tile)
    if (!gemm::configs[tile].curved) {  // another order of tiles alone
      variant usual{tile}, direct{tile}, reading{tile};
      direct.staged = false, reading.reads = true;
      add(usual), add(direct), add(reading);
    }
  return all;
}

std::vector<walk> split_gemm_sm90_walks() {
  std::vector<walk> all;
  const auto add = [&](variant v) {
    v.splits = true;
    if (v.tile != in_turn && !v.reads && !v.keeps) all.push_back(walk_of(v));
  };
  each_operands([&](const variant& v) { each_output(v, add); });
  add({narrow_slabs});
  return all;
}

std::vector<walk> telling_gemm_sm90_walks() {
  variant along_k{together}, turns{in_turn},
      along_rows{in_turn, GEMMACT_F16, GEMMACT_COLUMN_MAJOR, GEMMACT_COLUMN_MAJOR};
  turns.deep = along_rows.deep = true;
  variant reading = along_k, reading_in_turn = turns, direct = along_k;
  reading.reads = reading_in_turn.reads = true;
  reading_in_turn.batch = 2, reading_in_turn.keeps = true;
  direct.staged = false;
  std::vector<walk> all;
  for (const variant& v :
       {along_k, turns, reading, reading_in_turn, direct, along_rows, variant{together, GEMMACT_E4M3}})
    all.push_back(walk_of(v));
  return all;
}

std::vector<walk> shared_gemm_sm90_walks() {
  variant along_rows{two_together, GEMMACT_BF16, GEMMACT_COLUMN_MAJOR, GEMMACT_COLUMN_MAJOR}, turns{two_in_turn};
  turns.deep = true;
  variant two_blocks{together}, split{narrow_slabs};
  two_blocks.blocks = 2;
  split.splits = true;
  return {walk_of(along_rows), walk_of(turns), with_amax(walk_of(two_blocks)), walk_of(split)};
}

}  // namespace gemmact::test

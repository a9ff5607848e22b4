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
  bool staged = true;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
};

// The rows of the tiles of gemm_sm90_rows.hpp, of which there are kernels for all that the operands decide.
int row_of(u32 block_m, u32 block_n, bool pingpong) {
  int row = 0;
  while (gemm::configs[row].block_m != block_m || gemm::configs[row].block_n != block_n ||
         gemm::configs[row].pingpong != pingpong || gemm::configs[row].cluster != 1)
    ++row;
  return row;
}
const int together = row_of(128, 128, false), in_turn = row_of(64, 128, true);

int64_t up(int64_t size, int64_t to) { return (size + to - 1) / to * to; }

void add_operand(layer& l, uint32_t slot, const variant& v, gemmact_order order) {
  const int64_t lines = slot == GEMMACT_X ? l.m : l.n, minor = order == GEMMACT_ROW_MAJOR ? l.k : lines;
  const int64_t piece = 16 / element_bytes(v.type);
  l.add(slot, v.type, {.order = order, .pad = v.batch > 1 ? -1 : up(minor, piece) - minor}).spec.align_bytes = 16;
}

std::string name_of(const variant& v, const std::string& plan) {
  std::string name = plan + " " + type_name(v.type);
  if (v.x != GEMMACT_ROW_MAJOR) name += ", X along m";
  if (v.w != GEMMACT_ROW_MAJOR) name += ", W along n";
  if (v.batch > 1) name += ", batch";
  if (!v.staged) name += ", f32 out";
  if (v.compute == GEMMACT_COMPUTE_FP8_FAST) name += ", fast sums";
  return name;
}

// Some tiles for each of two multiprocessors, ragged in m, n and k, of more stages than the ring has.
walk walk_of(const variant& v) {
  const gemm::config tile = gemm::configs[v.tile];
  const int64_t stage = int64_t(tile.span) / element_bytes(v.type);
  walk made;
  layer& l = made.l;
  l.batch = v.batch;
  l.compute = v.compute;
  l.m = 2 * tile.block_m * tile.cluster - 5;
  l.n = (tile.pingpong ? 3 : 2) * tile.block_n - 27;
  l.k = 5 * stage / 2 - 1;
  if (v.batch > 1) {  // entries lie close to each other
    const int64_t piece = 16 / element_bytes(v.type);
    l.m = up(l.m, piece), l.n = up(l.n, piece), l.k = up(l.k, piece);
  }
  l.activation = "relu";
  add_operand(l, GEMMACT_X, v, v.x);
  add_operand(l, GEMMACT_W, v, v.w);
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 3});
  if (v.staged) l.add(GEMMACT_Y, GEMMACT_BF16, {.pad = up(l.n, 8) - l.n}).spec.align_bytes = 16;
  else l.add(GEMMACT_Y, GEMMACT_F32, {.pad = 5});
  l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  made.plan = "gemm_sm90:" + gemm::tile_name(tile, element(v.type), 1);
  made.name = name_of(v, made.plan);
  return made;
}

// Calls visit(variant) for each way in which operands may lie.
template <class Visit>
void each_order(variant v, Visit&& visit) {
  for (const gemmact_order x : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
    for (const gemmact_order w : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR}) v.x = x, v.w = w, visit(v);
}

}  // namespace

std::vector<walk> all_gemm_sm90_walks() {
  std::vector<walk> all;
  const auto add = [&](const variant& v) { all.push_back(walk_of(v)); };
  const auto outputs = [&](variant v) {
    for (const int64_t batch : {1, 2})
      for (const bool staged : {true, false}) v.batch = batch, v.staged = staged, add(v);
  };
  for (const int tile : {together, in_turn}) each_order({tile}, outputs);
  return all;
}

std::vector<walk> telling_gemm_sm90_walks() {
  std::vector<walk> all;
  for (const int tile : {together, in_turn}) all.push_back(walk_of({tile}));
  return all;
}

}  // namespace gemmact::test

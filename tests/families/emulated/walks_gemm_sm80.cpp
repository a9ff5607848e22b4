#include "kernels/families/gemm_sm80/family.hpp"
#include "tests/families/emulated/walks.hpp"

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
  return all;
}

}  // namespace gemmact::test

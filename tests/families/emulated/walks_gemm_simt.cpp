#include "kernels/families/gemm_simt/family.hpp"
#include "tests/families/emulated/walks.hpp"

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
  return all;
}

}  // namespace gemmact::test

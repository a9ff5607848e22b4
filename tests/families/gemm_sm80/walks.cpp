#include "tests/families/gemm_sm80/walks.hpp"

#include <algorithm>

namespace gemmact::test {
namespace {

using families::element, families::keep;
namespace gemm = families::gemm_sm80;

layer_case walk(int row, u32 piece) {
  const gemm::config tile = gemm::configs[row];
  layer_case c;
  c.row = row;
  c.use = settings(function_named("relu"))[0];
  c.multiprocessors = tile.min_blocks == 1 ? 2 : 1;  // two blocks
  c.m = tile.block_m + 3;
  c.n = 2 * tile.block_n + 5;
  c.k = 5 * tile.span_bytes / 4 - 1;  // two stages and a half
  const i64 unit = piece == 16 ? 8 : piece;
  c.x.pad = unit - c.k % unit + (piece == 16 ? 0 : piece / 2);
  c.w.pad = c.x.pad;
  c.bias = {element::f32, 0, 0};
  c.residual = {element::bf16, 3, 0};
  c.kept = keep::bit;
  c.keeps = {element::bit, 1, 0};
  return c;
}

}  // namespace

const function& function_named(std::string_view name) {
  return *std::find_if(functions().begin(), functions().end(), [&](const function& f) { return f.name == name; });
}

const std::vector<layer_case>& walks() {
  static const std::vector<layer_case> all = [] {
    std::vector<layer_case> made;
    for (int row = 0; row < int(std::size(gemm::configs)); ++row) made.push_back(walk(row, 16));
    constexpr int smallest = int(std::size(gemm::configs)) - 1;
    for (const u32 piece : {8u, 4u, 2u}) made.push_back(walk(smallest, piece));
    return made;
  }();
  return all;
}

}  // namespace gemmact::test

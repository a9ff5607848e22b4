// What the compiler makes of gemm_simt: nothing spilled, no call, and the multiply-adds and accesses to shared memory that its
// configurations plan, counted in the cubin.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gemm_simt/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gemm_simt;
using family::config;

constexpr int architectures[] = {90, 80, 89};
constexpr double most_seconds = 2;  // from text to cubin

struct planned {
  wanted_unit unit;
  config tile;
};

struct operand_kind {
  const char* name;
  gemmact_type type;
  gemmact_compute compute;
};
constexpr operand_kind kinds[] = {{"f32", GEMMACT_F32, GEMMACT_COMPUTE_STRICT},
                                  {"f16", GEMMACT_F16, GEMMACT_COMPUTE_STRICT},
                                  {"bf16", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT},
                                  {"e4m3", GEMMACT_E4M3, GEMMACT_COMPUTE_STRICT},
                                  {"tf32", GEMMACT_F32, GEMMACT_COMPUTE_TF32}};

// Operands of the kind, the `order`th of four ways in which they may lie, at multiples of 16 bytes or of an element.
sample_layer layer_with(const operand_kind& kind, int order, bool wide) {
  sample_layer layer = bf16_layer("relu", 256, wide ? 16 : kind.type == GEMMACT_F32 ? 4 : 2);
  layer.problem.compute = kind.compute;
  layer.at(GEMMACT_X).type = layer.at(GEMMACT_W).type = kind.type;
  layer.at(GEMMACT_Y).type = GEMMACT_F32;
  if (kind.type == GEMMACT_E4M3 && !wide) layer.at(GEMMACT_X).ld = 257;
  if (order % 2 != 0) layer.at(GEMMACT_X).order = GEMMACT_COLUMN_MAJOR;
  if (order / 2 != 0) layer.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
  return layer;
}

planned plan_for(sample_layer& given, int row, int architecture) {
  const families::layer layer = layer_of(given);
  const families::candidate c = family::candidate_of(layer, plan::gpu_of_architecture(architecture), row);
  return {unit_for(c, architecture), family::config_of(layer, row)};
}

// Every form of fma.rn.f32.
int multiply_adds(const opcode_counts& seen) {
  int sum = 0;
  for (const auto& [code, count] : seen.counts)
    if ((code & 0x1ff) == 0x023) sum += count;
  return sum;
}

// A lane's instructions on shared memory: 16 bytes at once, all.
struct accesses {
  int wide_loads = 0, loads = 0, wide_stores = 0, stores = 0;
};

accesses accesses_of(const config& c) {
  accesses all;
  const int groups = std::max(1, int(c.warp_m() / 32)), together = std::min(4, int(c.warp_m() / 8));
  const int depth = int(c.depth), wide_rows = together == 4 ? groups : 0;
  // Of each k, the lane's rows of A and eight columns of B; of a slice's first k twice, before the loop and in it.
  all.wide_loads = (depth + 1) * (wide_rows + 2);
  all.loads = (depth + 1) * (groups + 2);
  for (const family::slice_shape& s : {c.a(), c.b()}) {
    const int elements = int(s.rows * s.depth / c.threads());
    const bool whole = !s.along_k && s.piece > 1;  // four rows beside each other
    all.stores += 2 * (whole ? elements / 4 : elements);
    all.wide_stores += 2 * (whole ? elements / 4 : 0);
  }
  // Through the epilogue: a lane's rows of a group are put one by one and taken in a loop.
  all.wide_loads += 2 * groups, all.loads += 2 * groups;
  all.wide_stores += 2 * together * groups, all.stores += 2 * together * groups;
  return all;
}

void check_code(const planned& p) {
  SCOPED_TRACE(p.unit.text());
  if (!is_clean(p.unit)) return;
  const std::string& kernel = p.unit.candidate.kernel;
  const cubin code(p.unit.image);
  const opcode_counts seen = code.count(kernel);
  const accesses wanted = accesses_of(p.tile);
  EXPECT_EQ(multiply_adds(seen), int(p.tile.depth * p.tile.warp_m() / 8 * 8));
  EXPECT_EQ(code.wide(kernel, opcode::lds), wanted.wide_loads);
  EXPECT_EQ(seen[opcode::lds], wanted.loads);
  EXPECT_EQ(code.wide(kernel, opcode::sts), wanted.wide_stores);
  EXPECT_EQ(seen[opcode::sts], wanted.stores);
  EXPECT_EQ(seen[opcode::bar], 3);
}

// Each tile with each type, orders and pieces and architectures in turn; in a full test, all with all.
TEST(gemm_simt_code, of_every_tile_and_type) {
  std::vector<planned> all;
  const bool full = case_count(1) > 1;
  uint64_t number = 0;
  for (int row = 0; row < int(std::size(family::configs)); ++row)
    for (int kind = 0; kind < int(std::size(kinds)); ++kind)
      for (int order = 0; order < 4; ++order)
        for (const bool wide : {true, false})
          for (int a = 0; a < 3; ++a) {
            const bool usual = order == (row + kind) % 4 && wide == (kind + row / 2 % 2 != 1) && a == (row + kind) % 3;
            if ((!usual && !full) || !case_selected(number++)) continue;
            sample_layer layer = layer_with(kinds[kind], order, wide);
            all.push_back(plan_for(layer, row, architectures[a]));
            EXPECT_EQ(all.back().tile.piece > 1, wide);
          }
  const std::vector<planned> done = compiled(all, most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  for (const planned& p : done) check_code(p);
}

// What takes most registers, in the tiles that have fewest left: every step of the epilogue, with parameters from tensors.
TEST(gemm_simt_code, of_the_longest_epilogue) {
  std::vector<planned> all;
  sample_layer layer = layer_with(kinds[0], 3, false);
  ask_for_every_step(layer);
  for (const int row : {0, 1, 4}) all.push_back(plan_for(layer, row, architectures[row % 2]));
  const std::vector<planned> done = compiled(all, most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  for (const planned& p : done) {
    SCOPED_TRACE(p.unit.text());
    is_clean(p.unit);
  }
}

// What the checks above look for is noticed.
TEST(gemm_simt_code, that_counts_otherwise_is_noticed) {
  sample_layer layer = layer_with(kinds[0], 0, true);
  planned spilt = plan_for(layer, 1, 90);
  spilt.unit.candidate.type.replace(spilt.unit.candidate.type.find(".min_blocks = 3"), 15, ".min_blocks = 7");
  const std::vector<planned> all = compiled<planned>({plan_for(layer, 1, 90), spilt}, most_seconds);
  if (all.empty()) GTEST_SKIP() << why_nothing_compiled;
  EXPECT_NE(all[1].unit.error.find("spill"), std::string::npos) << all[1].unit.error;
  planned rows = all[0], piece = all[0];
  rows.tile.block_m = 64, piece.tile.b_along_k = false;
  EXPECT_EQ(failures_of([&] { check_code(all[0]); }), 0);
  EXPECT_EQ(failures_of([&] { check_code(rows); }), 5);   // all but barriers, local memory and calls
  EXPECT_EQ(failures_of([&] { check_code(piece); }), 2);  // stores
}

}  // namespace
}  // namespace gemmact::test

// What the compiler makes of gemm_sm90: nothing spilled, no call, no wgmma that waits for the one before it, and the
// instructions that its configurations plan, counted in the cubin.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gemm_sm90;
using family::config;

constexpr double most_seconds = 2;  // from text to cubin: 1 is the aim, and a busy machine takes longer

struct operand_kind {
  gemmact_type type;
  gemmact_compute compute;
  int orders;  // in which they may lie
};
constexpr operand_kind kinds[] = {{GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 4},
                                  {GEMMACT_F16, GEMMACT_COMPUTE_STRICT, 4},
                                  {GEMMACT_F32, GEMMACT_COMPUTE_TF32, 1},
                                  {GEMMACT_E4M3, GEMMACT_COMPUTE_STRICT, 1},
                                  {GEMMACT_E4M3, GEMMACT_COMPUTE_FP8_FAST, 1}};
constexpr int kind_count = int(std::size(kinds));

// What of the epilogue goes by TMA.
enum way_out { staged, direct, reading, keeping, both, way_count };

struct planned {
  wanted_unit unit;
  config tile;
  int special = 0;  // instructions an element
};

sample_layer layer_with(const operand_kind& kind, int order, way_out out, const char* activation) {
  sample_layer layer = bf16_layer(activation);
  layer.problem.compute = kind.compute;
  layer.at(GEMMACT_X).type = layer.at(GEMMACT_W).type = kind.type;
  if (order % 2 != 0) layer.at(GEMMACT_X).order = GEMMACT_COLUMN_MAJOR;
  if (order / 2 != 0) layer.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
  if (out == direct) layer.at(GEMMACT_Y).type = GEMMACT_F32;
  else layer.at(GEMMACT_Y).align_bytes = 16;
  if (out == reading || out == both) layer.add(GEMMACT_RESIDUAL, GEMMACT_BF16).at(GEMMACT_RESIDUAL).align_bytes = 16;
  if (out == keeping || out == both) {
    layer.problem.keep = GEMMACT_KEEP_Z;
    layer.add(GEMMACT_KEPT, GEMMACT_BF16).at(GEMMACT_KEPT).align_bytes = 16;
  }
  return layer;
}

const families::gpu& hopper() {
  static const families::gpu gpu = plan::gpu_of_architecture(90);
  return gpu;
}

// A function with special instructions, two an element, and one without.
struct function_kind {
  const char* name;
  int special;
};
constexpr function_kind heavy[] = {{"gelu", 2}, {"mish", 2}}, light = {"relu", 0};

// Nothing where the configuration cannot compute the layer.
std::optional<planned> plan_for(sample_layer& given, int row, int special, int splits = 1) {
  const families::layer layer = layer_of(given);
  const config tile = family::config_of(layer, row, splits);
  if (tile.curved || !family::fits(layer, hopper(), tile)) return {};
  return planned{unit_for(family::candidate_of(layer, hopper(), row, splits), 90), tile, special};
}

bool multiplies_bytes(const planned& p) { return p.unit.candidate.kernel.find("_e4m3_") != std::string::npos; }

void check_code(const planned& p) {
  SCOPED_TRACE(p.unit.text());
  if (!is_clean(p.unit)) return;
  const std::string& kernel = p.unit.candidate.kernel;
  const cubin code(p.unit.image);
  const opcode_counts seen = code.count(kernel);
  const config& c = p.tile;
  const int sums = int(c.consumer_rows() * c.block_n / config::consumer_threads);
  const int a_stage = int(c.consumer_rows() / 64 * (c.span / 32));
  const bool bytes = multiplies_bytes(p);
  // Whole stages, as often as the compiler has copied the loop.
  const int products = seen[bytes ? opcode::qgmma : opcode::hgmma];
  EXPECT_EQ(products % a_stage, 0) << products;
  EXPECT_GE(products, a_stage);
  EXPECT_LE(products, 3 * a_stage);
  EXPECT_EQ(seen[bytes ? opcode::hgmma : opcode::qgmma], 0);
  // Eight elements of a lane at once through shared memory; else in pairs where the rows allow it, and one by one.
  EXPECT_EQ(seen[opcode::stsm], c.staged ? sums / 8 * (c.keeps ? 2 : 1) : 0);
  EXPECT_EQ(seen[opcode::ldsm], c.reads ? sums / 8 : 0);
  const int stores = c.splits ? seen[opcode::stg] : c.staged ? 0 : sums / 2 + sums;  // with splits the sums, too
  EXPECT_EQ(seen[opcode::stg], stores);
  // Divisions of the order of tiles take some, too.
  const int elsewhere = seen[opcode::mufu] - sums * p.special;
  EXPECT_TRUE(elsewhere >= 0 && elsewhere < sums) << elsewhere;
}

// Each tile once, with types, orders, ways out and functions in turn; in a full test, all with all.
TEST(gemm_sm90_code, of_every_configuration) {
  const bool full = case_count(1) > 1;
  std::vector<planned> all;
  uint64_t number = 0;
  const auto add = [&](int row, const operand_kind& kind, int order, int out, const function_kind& f) {
    sample_layer layer = layer_with(kind, order, way_out(out), f.name);
    std::optional<planned> p = plan_for(layer, row, f.special);
    if (p && case_selected(number++)) all.push_back(std::move(*p));
    return p.has_value();
  };
  for (int row = 0; row < int(std::size(family::configs)); ++row) {
    if (!full) {
      // The first kind that the tile can multiply.
      for (int k = row; k < row + kind_count; ++k)
        if (add(row, kinds[k % kind_count], row % kinds[k % kind_count].orders, row % way_count, heavy[row % 2])) break;
      continue;
    }
    for (const operand_kind& kind : kinds)
      for (int order = 0; order < kind.orders; ++order)
        for (int out = 0; out < way_count; ++out)
          for (const function_kind& f : {heavy[0], heavy[1], light}) add(row, kind, order, out, f);
  }
  const std::vector<planned> done = compiled(all, most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  for (const planned& p : done) check_code(p);
}

// The batch, parts of k, and what takes most registers: every step of the epilogue, with a parameter from a tensor, in the tile
// whose threads have most sums.
TEST(gemm_sm90_code, of_batches_splits_and_the_longest_epilogue) {
  std::vector<planned> all;
  sample_layer batch = layer_with(kinds[0], 3, both, "mish"), split = layer_with(kinds[1], 0, staged, "gelu");
  batch.problem.batch = 3;
  for (gemmact_tensor& t : batch.tensors)
    if (t.extent == GEMMACT_EACH) t.batch_stride = 256 * 256;
  all.push_back(*plan_for(batch, 0, 2));
  all.push_back(*plan_for(split, 0, 2, 2));
  for (const planned& p : compiled(all, most_seconds)) check_code(p);
  sample_layer longest = bf16_layer("prelu");
  ask_for_every_step(longest);
  const std::vector<planned> done = compiled<planned>({*plan_for(longest, 0, 0)}, 2 * most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  is_clean(done[0].unit);
}

// What the checks above look for is noticed.
TEST(gemm_sm90_code, that_spills_or_counts_otherwise_is_noticed) {
  sample_layer layer = layer_with(kinds[0], 0, staged, "relu");
  const planned right = *plan_for(layer, 8, 0);
  planned spilt = right;
  config larger = right.tile;
  larger.block_m = larger.block_n = 256, larger.stages = 2;  // 256 sums a thread
  std::string& type = spilt.unit.candidate.type;
  const std::string text = family::config_text(right.tile);
  type.replace(type.find(text), text.size(), family::config_text(larger));
  spilt.unit.candidate.shared_bytes = larger.shared_bytes();
  const std::vector<planned> all = compiled<planned>({right, spilt}, most_seconds);
  if (all.empty()) GTEST_SKIP() << why_nothing_compiled;
  EXPECT_NE(all[1].unit.error.find("spill"), std::string::npos) << all[1].unit.error;
  planned function = all[0], columns = all[0], reading = all[0], out = all[0];
  function.special = 1;
  columns.tile.block_n = 160;
  reading.tile.reads = true;
  out.tile.staged = false;
  EXPECT_EQ(failures_of([&] { check_code(all[0]); }), 0);
  EXPECT_EQ(failures_of([&] { check_code(function); }), 1);
  EXPECT_EQ(failures_of([&] { check_code(columns); }), 1);
  EXPECT_EQ(failures_of([&] { check_code(reading); }), 1);
  EXPECT_EQ(failures_of([&] { check_code(out); }), 2);
}

}  // namespace
}  // namespace gemmact::test

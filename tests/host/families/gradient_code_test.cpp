// What the compiler makes of gradient_pass: nothing spilled, no call, whole strips read and written 16 bytes at a time, in
// so few registers that the blocks it counts on are on a multiprocessor.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gradient_pass/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/kernels/functions.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gradient_pass;
using family::config;

constexpr int architectures[] = {90, 80, 89};
constexpr double most_seconds = 2;  // from text to cubin
constexpr int ways = int(std::size(family::rows_ahead));

struct planned {
  wanted_unit unit;
  config tile;
  families::layer layer;
};

sample_layer dy_layer(const char* activation, gemmact_type type) {
  sample_layer l(GEMMACT_ACTIVATION_GRAD, activation);
  l.problem.m = l.problem.n = 1024;
  return l.add(GEMMACT_DY, type).add(GEMMACT_DZ, type);
}

planned plan_for(sample_layer& given, int row, int architecture) {
  const families::layer layer = layer_of(given);
  const families::gpu gpu = plan::gpu_of_architecture(architecture);
  const std::string refusal = family::supports(layer, gpu);
  if (!refusal.empty()) throw std::logic_error("gradient_pass refuses a test's layer: " + refusal);
  return {unit_for(family::candidate_of(layer, gpu, row), architecture), family::config_of(layer, row), layer};
}

// Accesses to global memory of 16 bytes in the loop over whole strips, and to those that are not whole one by one; each
// output's step has both, in either loop.
struct accesses {
  int wide_loads = 0, wide_stores = 0;
};

accesses accesses_of(const planned& p) {
  accesses all;
  const auto pieces = [](families::element type) { return std::max(1, int(families::element_bytes(type)) / 2); };
  const int rows = int(p.tile.rows);
  for (const families::operand& o : p.layer.operands) {
    if (o.what == families::slot::param && o.spread == families::extent::per_column) all.wide_loads += pieces(o.type);
    if (o.spread != families::extent::each || o.type == families::element::bit || families::element_bytes(o.type) == 1)
      continue;
    if (o.what == families::slot::dy || o.what == families::slot::kept) all.wide_loads += rows * pieces(o.type);
    if (o.what == families::slot::dz) all.wide_stores += (rows + 1) * pieces(o.type);
  }
  return all;
}

void check_code(const planned& p) {
  SCOPED_TRACE(p.unit.text());
  if (!is_clean(p.unit)) return;
  const std::string& kernel = p.unit.candidate.kernel;
  const cubin code(p.unit.image);
  const accesses wanted = accesses_of(p);
  const bool ignores_dy = p.layer.activation.name == "step";  // which then is not even read
  EXPECT_TRUE(ignores_dy || code.wide(kernel, opcode::ldg) == wanted.wide_loads) << code.wide(kernel, opcode::ldg);
  EXPECT_EQ(code.wide(kernel, opcode::stg), wanted.wide_stores);
  const uint32_t bound = 65536 / p.unit.candidate.threads / p.tile.min_blocks / 8 * 8;
  EXPECT_LE(p.unit.registers, bound);
}

void check_all(const std::vector<planned>& all) {
  const std::vector<planned> done = compiled(all, most_seconds);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  for (const planned& p : done) check_code(p);
}

// With what its derivative needs at least or, for the gradient of its parameter, z; hinge's targets.
sample_layer layer_of_function(const function& f, gemmact_type type, bool sums) {
  sample_layer l = dy_layer(f.name.data(), type);
  const bool trains = sums && f.info->param_count > 0 && f.info->params[0].trainable;
  const auto needs = trains ? activation::needs::z : f.info->keeps;
  if (needs == activation::needs::bit) l.add(GEMMACT_KEPT, GEMMACT_BIT);
  else if (needs != activation::needs::nothing) l.add(GEMMACT_KEPT, type);
  if (f.info->param_count > 0 && f.info->params[0].operand) l.add(GEMMACT_TARGET, GEMMACT_F32, GEMMACT_PER_ROW);
  if (sums) l.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  if (trains) l.add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR);
  return l;
}

sample_layer gated_layer(std::string_view gate, gemmact_type type, bool sums) {
  sample_layer l = dy_layer(gate.data(), type);
  l.problem.combine = GEMMACT_GATED;
  l.add(GEMMACT_DZ, type, GEMMACT_EACH, 1);
  for (const uint32_t i : {0u, 1u}) {
    l.add(GEMMACT_KEPT, type, GEMMACT_EACH, i);
    if (sums) l.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN, i);
  }
  return l;
}

sample_layer maxout_layer(uint32_t pieces, gemmact_type type, bool sums) {
  sample_layer l(GEMMACT_ACTIVATION_GRAD);
  l.problem.m = l.problem.n = 1024;
  l.problem.combine = GEMMACT_MAXOUT, l.problem.pieces = pieces;
  l.add(GEMMACT_DY, type).add(GEMMACT_KEPT, GEMMACT_U8);
  for (uint32_t i = 0; i < pieces; ++i) {
    l.add(GEMMACT_DZ, type, GEMMACT_EACH, i);
    if (sums) l.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN, i);
  }
  return l;
}

// Each function, plain and as a gate, with and without sums: types, rows ahead and architectures in turn; in a full test, all
// with all.
TEST(gradient_pass_code, of_every_function) {
  std::vector<planned> all;
  const bool full = case_count(1) > 1;
  uint64_t number = 0;
  for (const function& f : functions())
    for (const bool gated : {false, true})
      for (const bool sums : {false, true})
        for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F32})
          for (int row = 0; row < ways; ++row)
            for (int a = 0; a < 3; ++a) {
              const int turn = f.index + 2 * int(gated) + int(sums);
              // Without sums they hold less: a few suffice.
              const bool usual = row == turn % ways && a == turn / 2 % 3 && (type == GEMMACT_F32) == (turn % 5 == 0) &&
                                 (gated || sums || f.index % 4 == 0);
              const bool operand = f.info->param_count > 0 && f.info->params[0].operand;
              if ((!usual && !full) || (gated && (operand || f.index % 2 != int(sums))) || !case_selected(number++))
                continue;
              sample_layer l = gated ? gated_layer(f.name, type, sums) : layer_of_function(f, type, sums);
              all.push_back(plan_for(l, row, architectures[a]));
            }
  check_all(all);
}

// Numbers of pieces with sums, whose registers are most; parameters from tensors, other types of dZ.
TEST(gradient_pass_code, of_what_else_there_is) {
  std::vector<planned> all;
  for (const uint32_t pieces : {2u, 5u, 8u})
    for (const bool sums : {false, true}) {
      sample_layer l = maxout_layer(pieces, pieces == 5 ? GEMMACT_F32 : GEMMACT_F16, sums);
      all.push_back(plan_for(l, int(pieces) % ways, architectures[pieces % 3]));
    }
  for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN}) {
    sample_layer l = dy_layer("swish", GEMMACT_BF16);
    l.add(GEMMACT_KEPT, GEMMACT_BF16).add(GEMMACT_PARAM, GEMMACT_F32, extent);
    l.add(GEMMACT_DPARAM, GEMMACT_F32, extent).add(GEMMACT_DBIAS, GEMMACT_BF16, GEMMACT_SCALAR);
    l.at(GEMMACT_DZ).type = GEMMACT_E4M3;
    all.push_back(plan_for(l, 1, 90));
  }
  for (const int row : {1, 2}) {
    sample_layer l = gated_layer("swish", row == 1 ? GEMMACT_F32 : GEMMACT_BF16, true);
    for (const uint32_t slot : {GEMMACT_PARAM, GEMMACT_DPARAM}) l.add(slot, GEMMACT_F32, GEMMACT_PER_COLUMN);
    all.push_back(plan_for(l, row, architectures[row - 1]));
  }
  check_all(all);
}

// What the checks above look for is noticed.
TEST(gradient_pass_code, that_is_otherwise_is_noticed) {
  sample_layer l = dy_layer("swish", GEMMACT_BF16);
  l.add(GEMMACT_KEPT, GEMMACT_BF16).add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  const planned right = plan_for(l, 1, 90);
  planned spilt = right;
  std::string& type = spilt.unit.candidate.type;
  const size_t at = type.find(".min_blocks = ") + 14;
  type.replace(at, type.find(',', at) - at, "8");
  const std::vector<planned> all = compiled<planned>({right, spilt}, most_seconds);
  if (all.empty()) GTEST_SKIP() << why_nothing_compiled;
  EXPECT_NE(all[1].unit.error.find("spill"), std::string::npos) << all[1].unit.error;
  planned rows = all[0], blocks = all[0];
  ++rows.tile.rows, blocks.tile.min_blocks = 8;
  EXPECT_EQ(failures_of([&] { check_code(all[0]); }), 0);
  EXPECT_EQ(failures_of([&] { check_code(rows); }), 2);  // loads and stores
  EXPECT_EQ(failures_of([&] { check_code(blocks); }), 1);
}

}  // namespace
}  // namespace gemmact::test

// The same bits of a row whatever m is, where that is asked for: m = 1 to 300, by a plan for that m and by one for 300.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <span>

#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/families/emulated/walks.hpp"
#include "tests/layer/fill.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr int64_t most = 300;

struct subject {
  const char* plan;  // the planner's choice of tile by m is part of it where it names none
  gemmact_type type;
  gemmact_compute compute;
  int64_t k, step, last;  // m is 1 to 40 and then each `step`-th up to `last`
  uint32_t align_bytes = 0;
};

// The first is so deep that k would be split for a small m.
constexpr subject subjects[] = {{"gemm_sm80", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 520, 1, 40},
                                {"gemm_sm80", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 70, 1, most},
                                {"gemm_sm80", GEMMACT_F16, GEMMACT_COMPUTE_STRICT, 70, 13, most},
                                {"gemm_sm80", GEMMACT_F32, GEMMACT_COMPUTE_TF32, 70, 13, most},
                                {"gemm_sm80", GEMMACT_E4M3, GEMMACT_COMPUTE_STRICT, 300, 13, most},
                                {"gemm_simt:16x32x64", GEMMACT_F32, GEMMACT_COMPUTE_STRICT, 35, 29, most}};
constexpr subject subjects_of_hopper[] = {
    {"gemm_sm90", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 1000, 37, most, 16},
    {"gemm_sm90", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 70, 13, most, 16},
    {"gemm_sm90:128x128x64x4", GEMMACT_F16, GEMMACT_COMPUTE_STRICT, 70, 29, most, 16},
    {"gemm_sm90:128x128x32x4", GEMMACT_F32, GEMMACT_COMPUTE_TF32, 70, 29, most, 16},
    {"gemm_sm90:128x128x128x4", GEMMACT_E4M3, GEMMACT_COMPUTE_STRICT, 300, 29, most, 16}};

// Row i of X depends on i alone.
layer layer_of(const subject& s, int64_t m, bool variable) {
  layer l;
  l.m = m;
  l.plan_m = variable ? most : 0;
  l.n = 19;
  l.k = s.k;
  l.compute = s.compute;
  l.flags = GEMMACT_BATCH_INVARIANT | (variable ? GEMMACT_VARIABLE_M : 0);
  l.activation = "gelu";
  l.align_bytes = s.align_bytes;
  l.add(GEMMACT_X, s.type);
  l.add(GEMMACT_W, s.type, {.pad = 3});
  l.add(GEMMACT_Y, GEMMACT_F32);
  fill_random(l, 5);
  operand& x = l.get(GEMMACT_X);
  for (int64_t i = 0; i < m; ++i) {
    random_source random{uint64_t(i)};
    for (int64_t j = 0; j < l.k; ++j) x.values[x.place(0, i, j)] = round_to(s.type, random.normal());
  }
  return l;
}

// Of all rows of `few`, the first that is another one in `many`; -1 for none.
int64_t first_other_row(const layer& few, const layer_run& a, const layer_run& b) {
  constexpr size_t y = 2;
  for (int64_t i = 0; i < few.m; ++i)
    for (int64_t j = 0; j < few.n; ++j)
      if (a.bits(y, 0, i, j) != b.bits(y, 0, i, j)) return i;
  return -1;
}

void expect_invariance(std::span<const subject> all_subjects) {
  for (const subject& s : all_subjects) {
    const forced_plan plan(s.plan);
    const layer all = layer_of(s, most, false);
    layer_run whole(device_under_test(), all);
    whole.run();
    ASSERT_EQ(compare(all, whole, expect(all, with_precision_of({}, all, whole.info().family))).first, "");
    int runs = 0;
    for (int64_t m = 1; m <= s.last; m += m < 40 && s.step < 20 ? 1 : s.step) {
      if (!case_selected(uint64_t(m))) continue;
      for (const bool variable : {false, true}) {
        if (!variable && m > 20 && m % 4 != 0) continue;
        const layer few = layer_of(s, m, variable);
        layer_run run(device_under_test(), few);
        run.run();
        ++runs;
        ASSERT_EQ(run.stray_write(), "") << replay_line(uint64_t(m));
        ASSERT_EQ(first_other_row(few, run, whole), -1)
            << s.plan << " " << type_name(s.type) << " m = " << m << (variable ? " of 300" : "") << "\n  "
            << replay_line(uint64_t(m));
      }
    }
    fmt::print("{} {}: {} runs\n", s.plan, type_name(s.type), runs);
  }
}

TEST(invariance, a_row_is_the_same_for_every_m) { expect_invariance(subjects); }
TEST(invariance, a_row_is_the_same_for_every_m_on_hopper) { expect_invariance(subjects_of_hopper); }

// A single line's stride is one that TMA need not take: where results must not depend on m, it decides all the same.
TEST(invariance, the_family_is_the_same_for_every_m_on_hopper) {
  for (const uint32_t align_bytes : {0u, 16u}) {
    const subject s{"", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 67, 1, 1, align_bytes};
    std::set<std::string> families;
    for (const int64_t m : {int64_t{1}, most}) {
      layer l = layer_of(s, m, false);
      l.get(GEMMACT_X).spec.align_bytes = l.get(GEMMACT_W).spec.align_bytes = 16;
      families.insert(layer_run(device_under_test(), l).info().family);
    }
    EXPECT_EQ(families, std::set<std::string>{align_bytes == 0 ? "gemm_sm80" : "gemm_sm90"});
  }
}

// On data whose sums are not exact, by tiles that are named: of other types, those that there are kernels of.
TEST(invariance, tiles_of_hopper_sum_alike) {
  namespace gemm = families::gemm_sm90;
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16, GEMMACT_F32, GEMMACT_E4M3}) {
    subject s{"", type, type == GEMMACT_F32 ? GEMMACT_COMPUTE_TF32 : GEMMACT_COMPUTE_STRICT, 600, 1, 1, 16};
    const layer l = layer_of(s, 70, false);
    std::set<uint64_t> hashes;
    int ran = 0;
    for (const gemm::config& tile : gemm::configs) {
      const bool common = tile.cluster == 1 && tile.block_n == 128 && tile.block_m == (tile.pingpong ? 64 : 128);
      const bool staged_alone = tile.consumer_rows() * tile.block_n / 128 > 128;  // sums a thread; this Y is f32
      if (tile.curved || staged_alone || (type != GEMMACT_BF16 && !common)) continue;
      watched_run run({"a layer", "gemm_sm90:" + gemm::tile_name(tile, families::element(type), 1), l}, false);
      EXPECT_TRUE(run.run({}).right) << run.wrong();
      hashes.insert(run.hash_of_bits());
      ++ran;
    }
    EXPECT_EQ(hashes.size(), 1u) << type_name(type);
    EXPECT_GE(ran, type == GEMMACT_BF16 ? 10 : 2);
  }
}

// Without the flag k may be split, which is another order of sums: the test above would see it.
TEST(invariance, split_sums_differ) {
  const forced_plan plan("gemm_sm80");
  layer all = layer_of(subjects[0], most, false), few = layer_of(subjects[0], 3, false);
  all.flags = few.flags = 0;
  layer_run whole(device_under_test(), all), run(device_under_test(), few);
  whole.run();
  run.run();
  EXPECT_GT(run.info().workspace_bytes, 0u) << "it is not split";
  EXPECT_NE(first_other_row(few, run, whole), -1);
}

}  // namespace
}  // namespace gemmact::test

// The same bits of a row whatever m is, where that is asked for: m = 1 to 300, by a plan for that m and by one for 300.
#include <fmt/format.h>
#include <gtest/gtest.h>

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
};

// The first is so deep that k would be split for a small m.
constexpr subject subjects[] = {{"gemm_sm80", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 520, 1, 40},
                                {"gemm_sm80", GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 70, 1, most},
                                {"gemm_sm80", GEMMACT_F16, GEMMACT_COMPUTE_STRICT, 70, 13, most},
                                {"gemm_sm80", GEMMACT_F32, GEMMACT_COMPUTE_TF32, 70, 13, most},
                                {"gemm_sm80", GEMMACT_E4M3, GEMMACT_COMPUTE_STRICT, 300, 13, most},
                                {"gemm_simt:16x32x64", GEMMACT_F32, GEMMACT_COMPUTE_STRICT, 35, 29, most}};

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

TEST(invariance, a_row_is_the_same_for_every_m) {
  for (const subject& s : subjects) {
    const forced_plan plan(s.plan);
    const layer all = layer_of(s, most, false);
    layer_run whole(device_under_test(), all);
    whole.run();
    ASSERT_EQ(compare(all, whole, expect(all)).first, "");
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

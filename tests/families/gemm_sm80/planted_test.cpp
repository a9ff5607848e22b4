// Faults planted in a kernel's argument and in its results: the suites beside this one prove nothing unless each is seen.
#include <gtest/gtest.h>

#include <functional>

#include "tests/families/gemm_sm80/walks.hpp"

namespace gemmact::test {
namespace {

using families::element, families::extent, families::keep;
using params = families::gemm_sm80::params;

layer_case small_case(bool integers) {
  layer_case c;
  c.m = 37, c.n = 203, c.k = 75;
  c.row = 8;
  c.use = settings(function_named("prelu"))[0];
  c.integers = integers;
  c.x.pad = c.w.pad = 13;
  c.bias = {element::f32, 0, 0};
  c.residual = {element::bf16, 5, 0};
  c.y = {element::bf16, 5, 0};
  c.kept = keep::bit;
  c.keeps = {element::bit, 1, 0};
  return c;
}

struct fault {
  const char* name;
  void (*plant)(params&);
};

const fault faults[] = {
    {"a column less", [](params& p) { --p.n; }},
    {"a column more", [](params& p) { ++p.n; }},
    {"a row less", [](params& p) { --p.m; }},
    {"a row more", [](params& p) { ++p.m; }},
    {"the operands exchanged", [](params& p) { std::swap(p.x, p.w); }},
    {"no zeros behind the end of k in both operands", [](params& p) { p.x.width += 2, p.w.width += 2; }},
    {"no zeros behind the end of k in X", [](params& p) { p.x.width += 2; }},
    {"the last of k is left out", [](params& p) { p.w.width -= 2; }},
    {"a stage less", [](params& p) { --p.stages; }},
    {"rows of X one too few", [](params& p) { --p.x.rows; }},
    {"rows of W one too few", [](params& p) { --p.w.rows; }},
    {"another stride of W", [](params& p) { p.w.row_bytes -= 16; }},
    {"the bias of the column beside", [](params& p) { p.out.bias.base.value += 4; }},
    {"the residual of the row below",
     [](params& p) { p.out.residual.base.value += u64(p.out.residual.row_stride) * 2; }},
    {"another stride of Y", [](params& p) { --p.out.y.row_stride; }},
    {"bits of the word beside", [](params& p) { p.out.kept.base.value += 4; }},
    {"strips of Y as if aligned", [](params& p) { p.out.y.row_stride += 1; }},
    {"a column of tiles less", [](params& p) { --p.order.cols; }},
    {"rows and columns of tiles exchanged", [](params& p) { std::swap(p.order.rows, p.order.cols); }},
};

TEST(planted, faults_in_the_argument) {
  for (const bool integers : {true, false}) {
    layer_run run(small_case(integers));
    const params whole = run.prepared();
    ASSERT_TRUE(run.run().right) << run.wrong();
    for (const fault& one : faults) {
      run.prepared() = whole;
      one.plant(run.prepared());
      EXPECT_FALSE(run.run().right) << one.name << (integers ? ", integers" : ", random data");
    }
  }
}

TEST(planted, faults_in_the_results) {
  layer_run run(small_case(true));
  ASSERT_TRUE(run.run().right);
  const auto expect_seen = [&](families::slot what, i64 byte, const char* name) {
    unsigned char& at = run.memory(what)[byte];
    at ^= 1;
    EXPECT_NE(run.wrong(), "") << name;
    at ^= 1;
    ASSERT_EQ(run.wrong(), "");
  };
  expect_seen(families::slot::y, 0, "an ulp of the first element");
  expect_seen(families::slot::y, 2 * 203, "a byte between rows");
  expect_seen(families::slot::y, -1, "a byte before");
  expect_seen(families::slot::y, 2 * (36 * (203 + 5) + 203), "a byte behind");
  expect_seen(families::slot::kept, 0, "a bit");
  expect_seen(families::slot::kept, 4 * 6 + 3, "a spare bit of a row's last word");
}

// What a warp writes to its own shared memory is read by its other lanes: without sync_warp a race, whatever the values.
TEST(planted, a_kernel_left_to_itself) {
  layer_run run(small_case(true));
  const emulator::case_run clean = run.run();
  ASSERT_TRUE(clean.right);
  size_t seen = 0;
  for (const emulator::sync_site& site : clean.launched.sites) {
    if (site.kind != emulator::sync_kind::sync_warp) continue;
    emulator::options how;
    how.disturbed = {site, emulator::change::skip};
    const emulator::case_run done = run.run(how);
    ASSERT_TRUE(done.launched.found.has_value());
    EXPECT_EQ(done.launched.found->kind, emulator::report_kind::race);
    ++seen;
  }
  EXPECT_EQ(seen, 1u);
}

TEST(order, visits_every_tile_once) {
  for (u32 rows = 1; rows <= 20; ++rows)
    for (u32 cols = 1; cols <= 7; ++cols)
      for (const u32 group : {1u, 2u, 3u, 8u, 64u}) {
        const tile::tile_order order{rows, cols, group};
        std::vector<int> visits(size_t(rows) * cols);
        for (u32 i = 0; i < order.count(); ++i) {
          const tile::tile_place at = order[i];
          ASSERT_TRUE(at.row < rows && at.col < cols);
          ++visits[size_t(at.row) * cols + at.col];
        }
        EXPECT_EQ(visits, std::vector<int>(visits.size(), 1)) << rows << " x " << cols << " by " << group;
      }
}

}  // namespace
}  // namespace gemmact::test

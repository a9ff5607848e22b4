// The emulated GPU itself: what it must tell, it tells, in the words of gemmact_run or gemmact_plan_create.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/families/gemm_simt/params.hpp"
#include "kernels/families/gemm_sm80/params.hpp"
#include "kernels/families/gradient_pass/params.hpp"
#include "tests/families/emulated/walks.hpp"
#include "tests/layer/fill.hpp"

namespace gemmact::test {
namespace {

using params = families::gemm_sm80::params;

// With every edge ragged.
walk small_walk(const char* plan = "gemm_sm80:16x64x64x6") {
  walk w{"a small layer", plan, {}};
  layer& l = w.l;
  l.m = 37, l.n = 203, l.k = 75;
  l.activation = "prelu";
  l.add(GEMMACT_X, GEMMACT_BF16, {.pad = 13});
  l.add(GEMMACT_W, GEMMACT_BF16, {.pad = 13});
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 5});
  l.add(GEMMACT_Y, GEMMACT_BF16, {.pad = 4});
  l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  return w;
}

template <class Params>
struct fault {
  const char* name;
  void (*plant)(Params&);
};

const fault<params> faults[] = {
    {"a column less", [](params& p) { --p.n; }},
    {"a column more", [](params& p) { ++p.n; }},
    {"a row less", [](params& p) { --p.m; }},
    {"a row more", [](params& p) { ++p.m; }},
    {"the operands exchanged", [](params& p) { std::swap(p.a, p.b); }},
    {"no zeros behind the end of k in both operands", [](params& p) { p.a.width += 2, p.b.width += 2; }},
    {"no zeros behind the end of k in X", [](params& p) { p.a.width += 2; }},
    {"the last of k is left out", [](params& p) { p.b.width -= 2; }},
    {"a stage less", [](params& p) { --p.work.stages; }},
    {"rows of X one too few", [](params& p) { --p.a.rows; }},
    {"rows of W one too few", [](params& p) { --p.b.rows; }},
    {"the bias of the column beside", [](params& p) { p.out.bias.base.value += 4; }},
    {"the residual of the row below",
     [](params& p) { p.out.residual.base.value += u64(p.out.residual.row_stride) * 2; }},
    {"another stride of Y", [](params& p) { --p.out.y.row_stride; }},
    {"bits of the word beside", [](params& p) { p.out.kept.base.value += 4; }},
    {"strips of Y as if aligned", [](params& p) { p.out.y.vector = 1; }},
    {"a column of tiles less", [](params& p) { --p.work.order.cols; }},
    {"rows and columns of tiles exchanged", [](params& p) { std::swap(p.work.order.rows, p.work.order.cols); }},
    {"another slope", [](params& p) { p.out.number[0] *= 2; }},
};

using simt_params = families::gemm_simt::params;

const fault<simt_params> simt_faults[] = {
    {"a column less", [](simt_params& p) { --p.n; }},
    {"a column more", [](simt_params& p) { ++p.n; }},
    {"a row less", [](simt_params& p) { --p.m; }},
    {"a row more", [](simt_params& p) { ++p.m; }},
    {"one more of k", [](simt_params& p) { ++p.k; }},
    {"one less of k", [](simt_params& p) { --p.k; }},
    {"a slice less", [](simt_params& p) { p.k -= 64; }},
    {"the operands exchanged", [](simt_params& p) { std::swap(p.a, p.b); }},
    {"X of the row below", [](simt_params& p) { p.a.base = p.a.base + p.a.line_bytes; }},
    {"another stride of W", [](simt_params& p) { p.b.line_bytes -= 2; }},
    {"a column of tiles less", [](simt_params& p) { --p.work.order.cols; }},
    {"rows and columns of tiles exchanged", [](simt_params& p) { std::swap(p.work.order.rows, p.work.order.cols); }},
};

using pass_params = families::gradient_pass::params;

const fault<pass_params> pass_faults[] = {
    {"a column less", [](pass_params& p) { --p.n; }},
    {"a column more", [](pass_params& p) { ++p.n; }},
    {"a row less", [](pass_params& p) { --p.m; }},
    {"a row more", [](pass_params& p) { ++p.m; }},
    {"dY of the row below", [](pass_params& p) { p.out.dy.base.value += u64(p.out.dy.row_stride) * 2; }},
    {"z of the column beside", [](pass_params& p) { p.out.kept.base.value += 2; }},
    {"another stride of dZ", [](pass_params& p) { --p.out.y.row_stride; }},
    {"strips as if they were whole", [](pass_params& p) { p.whole = 1; }},
    {"strips of dZ as if aligned", [](pass_params& p) { p.out.y.vector = 1; }},
    {"parts of fewer rows", [](pass_params& p) { p.part_rows -= 32; }},
    {"a group of columns less", [](pass_params& p) { --p.groups; }},
    {"a part too many is waited for", [](pass_params& p) { ++p.out.sum.parts; }},
    {"a group too many is waited for", [](pass_params& p) { ++p.out.sum.groups; }},
    {"a column less is summed", [](pass_params& p) { --p.out.sum.cols; }},
    {"the bias's gradient of the column beside", [](pass_params& p) { p.out.sum.to[0].base.value += 4; }},
    {"a sum of all columns by column", [](pass_params& p) { p.out.sum.to[1].col_stride = 1; }},
    {"a sum by column of all", [](pass_params& p) { p.out.sum.to[0].col_stride = 0; }},
    {"not added to what is there", [](pass_params& p) { p.out.sum.to[0].accumulate = 0; }},
    {"another slope", [](pass_params& p) { p.out.number[0] *= 2; }},
};

// Two sums, one by column and one of all.
walk small_gradient(const char* plan) {
  walk w{"a small gradient", plan, {}};
  layer& l = w.l;
  l.operation = GEMMACT_ACTIVATION_GRAD;
  l.m = 237, l.n = 75;
  l.activation = "prelu";
  l.flags = GEMMACT_ACCUMULATE_DBIAS;
  l.add(GEMMACT_DY, GEMMACT_BF16, {.pad = 12});
  l.add(GEMMACT_KEPT, GEMMACT_BF16, {.pad = 4});
  l.add(GEMMACT_DZ, GEMMACT_BF16, {.pad = 4});
  l.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_DPARAM, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  return w;
}

template <class Params, size_t count>
void plant_each(const walk& w, const fault<Params> (&all)[count]) {
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  for (const bool integers : {true, false}) {
    watched_run run(w, integers);
    ASSERT_TRUE(run.run({}).right) << run.wrong();
    for (const fault<Params>& one : all) {
      gpu.before = [&](void* argument) { one.plant(*static_cast<Params*>(argument)); };
      EXPECT_FALSE(run.run({}).right) << one.name << (integers ? ", integers" : ", random data");
    }
    gpu.before = nullptr;
    EXPECT_TRUE(run.run({}).right) << run.wrong();
  }
}

TEST(ground, faults_in_the_argument_of_gemm_sm80) { plant_each(small_walk(), faults); }
TEST(ground, faults_in_the_argument_of_gemm_simt) { plant_each(small_walk("gemm_simt:16x32x64"), simt_faults); }

TEST(ground, faults_in_the_argument_of_gradient_pass) {
  plant_each(small_gradient("gradient_pass:64x64"), pass_faults);
}

// The exact extent of an operand, not of the memory that it lies in: a byte behind its last element may not be read.
TEST(ground, a_read_past_an_operand_is_told) {
  watched_run run(small_walk());
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  gpu.before = [](void* argument) { static_cast<params*>(argument)->b.rows += 1; };
  EXPECT_FALSE(run.run({}).right);
  gpu.before = nullptr;
  EXPECT_NE(run.wrong().find("run failed: launching gemm_sm80_bf16_nt_16x64x64x6"), std::string::npos) << run.wrong();
  EXPECT_NE(run.wrong().find("out of bounds"), std::string::npos) << run.wrong();
  EXPECT_EQ(gpu.last.found->kind, emulator::report_kind::out_of_bounds);
}

// What a warp writes to its own shared memory is read by its other lanes: without sync_warp a race, whatever the values.
TEST(ground, a_race_is_told) {
  watched_run run(small_walk());
  const emulator::case_run clean = run.run({});
  ASSERT_TRUE(clean.right) << run.wrong();
  size_t seen = 0;
  for (const emulator::sync_site& site : clean.launched.sites) {
    if (site.kind != emulator::sync_kind::sync_warp) continue;
    emulator::options how;
    how.disturbed = {site, emulator::change::skip};
    const emulator::case_run done = run.run(how);
    ASSERT_TRUE(done.launched.found.has_value());
    EXPECT_EQ(done.launched.found->kind, emulator::report_kind::race);
    EXPECT_NE(run.wrong().find("race: gemm_sm80_bf16_nt_16x64x64x6"), std::string::npos) << run.wrong();
    ++seen;
  }
  EXPECT_EQ(seen, 1u);
  EXPECT_TRUE(run.run({}).right) << "the device goes on: " << run.wrong();
}

// A tile whose kernels are not all there.
TEST(ground, a_kernel_that_is_missing_is_told) {
  walk w = small_walk();
  w.plan = "gemm_sm80:32x128x64x4";
  w.l.batch = 2;
  w.l.operands.clear();
  w.l.add(GEMMACT_X, GEMMACT_BF16);
  w.l.add(GEMMACT_W, GEMMACT_BF16);
  w.l.add(GEMMACT_Y, GEMMACT_BF16);
  try {
    watched_run run(w);
    FAIL() << "it was found";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("the emulated GPU has no kernel families::gemm_sm80::kernel"),
              std::string::npos)
        << e.what();
  }
}

// Of an equation the kernel's text brings the struct along; here another one was compiled. What was compiled stays, in a
// process: each layer is another.
TEST(ground, another_text_of_an_equation_is_told) {
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  const auto refused = [&](const walk& w, const std::function<void(std::string&)>& plant) -> std::string {
    gpu.reads = plant;
    try {
      watched_run run(w);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "nothing is refused";
  };
  walk w = small_walk();
  w.l.activation = "leaky_relu(slope=0.5)";
  EXPECT_NE(refused(w, [](std::string& text) { text += "namespace gemmact::activation {\n}\n"; })
                .find("was given the text of a function that the catalogue has"),
            std::string::npos);
  w.l.activation = "max(x, 0.1 * x)";
  const std::string told = refused(w, [](std::string& text) { text.replace(text.find("0.1f"), 4, "0.2f"); });
  EXPECT_NE(told.find("was given another text of an equation"), std::string::npos) << told;
  gpu.reads = nullptr;
  w.l.accuracy = GEMMACT_FAST;
  watched_run run(w);
  EXPECT_TRUE(run.run({}).right) << run.wrong();
}

TEST(ground, the_same_seed_is_the_same_run) {
  watched_run run(small_walk());
  emulator::options how;
  how.seed = 7;
  const u64 trace = run.run(how).launched.trace;
  EXPECT_EQ(run.run(how).launched.trace, trace);
  how.seed = 8;
  EXPECT_NE(run.run(how).launched.trace, trace);
}

}  // namespace
}  // namespace gemmact::test

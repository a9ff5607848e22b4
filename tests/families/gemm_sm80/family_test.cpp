// What gemm_sm80 refuses, each by its reason, and how it names its kernels.
#include "kernels/families/gemm_sm80/family.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace gemmact::test {
namespace {

using namespace families;
namespace gemm = families::gemm_sm80;

operand operand_of(slot what, element type, i64 rows, i64 cols) {
  operand o;
  o.what = what;
  o.type = type;
  o.rows = rows, o.cols = cols;
  o.row_stride = cols, o.col_stride = 1;
  o.align_bytes = 16;
  return o;
}

families::layer plain_layer(i64 m = 256, i64 n = 512, i64 k = 1024) {
  families::layer l;
  l.what = operation::forward;
  l.m = m, l.n = n, l.k = k;
  l.activation = {"swish", 2, 16, 0, 1, {1}, -1, {}};
  l.operands = {operand_of(slot::x, element::bf16, m, k), operand_of(slot::w, element::bf16, n, k),
                operand_of(slot::y, element::bf16, m, n)};
  return l;
}

gpu gpu_with(int shared_bytes, int architecture = 80) {
  gpu g;
  g.model = "a GPU";
  g.architecture = architecture;
  g.multiprocessors = 108;
  g.shared_block_bytes = shared_bytes;
  g.shared_multiprocessor_bytes = shared_bytes + 1024;
  g.threads_multiprocessor = 2048;
  g.l2_bytes = 40 << 20;
  g.clock_ghz = 1.4;
  g.bandwidth_gb_per_s = 1500;
  g.mma_flop_per_clock = 2048;
  return g;
}
const gpu large_gpu = gpu_with(163 * 1024);

struct refusal {
  const char* reason;  // part of it
  std::function<void(families::layer&)> change;
};

operand& of(families::layer& l, slot what) {
  return *std::find_if(l.operands.begin(), l.operands.end(), [&](const operand& o) { return o.what == what; });
}
void add(families::layer& l, slot what, element type) { l.operands.push_back(operand_of(what, type, l.m, l.n)); }
void multiply(families::layer& l, element type) { of(l, slot::x).type = of(l, slot::w).type = type; }

// dW of a maxout of two pieces.
families::layer maxout_grad() {
  families::layer l;
  l.what = operation::weight_grad, l.combined = combine::maxout, l.pieces = 2;
  l.m = 256, l.n = 512, l.k = 1024;
  l.operands = {operand_of(slot::dy, element::bf16, l.m, l.n), operand_of(slot::kept, element::u8, l.m, l.n),
                operand_of(slot::x, element::bf16, l.m, l.k), operand_of(slot::dw, element::bf16, l.n, l.k),
                operand_of(slot::dw, element::bf16, l.n, l.k)};
  l.operands.back().index = 1;
  for (operand& o : l.operands) o.output = o.what == slot::dw;
  return l;
}

const refusal refusals[] = {
    {"no product", [](auto& l) { l.what = operation::activation_grad; }},
    {"one type and layout",
     [](auto& l) {
       l.combined = combine::gated, l.pieces = 2;
       l.operands.push_back(of(l, slot::w));
       l.operands.back().index = 1, l.operands.back().row_stride += 8;
     }},
    {"order of DY",
     [](auto& l) { l = maxout_grad(), std::swap(of(l, slot::dy).row_stride, of(l, slot::dy).col_stride); }},
    {"multiples of 4 elements", [](auto& l) { l = maxout_grad(), of(l, slot::dy).align_bytes = 4; }},
    {"multiples of 4 elements", [](auto& l) { l = maxout_grad(), of(l, slot::kept).align_bytes = 2; }},
    {"batch", [](auto& l) { l.batch = i64{1} << 32; }},
    {"only the compute mode TF32", [](auto& l) { multiply(l, element::f32); }},
    {"from sm_89 on", [](auto& l) { multiply(l, element::e4m3); }},
    {"at most 2^31", [](auto& l) { l.m = i64{1} << 31; }},
    {"at most 2^31", [](auto& l) { l.k = i64{1} << 30; }},
    {"tiles", [](auto& l) { l.m = l.n = i64{1} << 29; }},
};

TEST(family, says_why_not) {
  ASSERT_EQ(gemm::supports(plain_layer(), large_gpu), "");
  ASSERT_EQ(gemm::supports(maxout_grad(), large_gpu), "");
  for (const refusal& one : refusals) {
    families::layer l = plain_layer();
    one.change(l);
    const std::string reason = gemm::supports(l, large_gpu);
    EXPECT_NE(reason.find(one.reason), std::string::npos) << one.reason << ": " << reason;
    EXPECT_NE(reason.back(), '.');
  }
  EXPECT_NE(gemm::supports(plain_layer(), gpu_with(163 * 1024, 75)), "");
  EXPECT_NE(gemm::supports(plain_layer(), gpu_with(1024)), "");
  families::layer bytes = plain_layer();
  multiply(bytes, element::e4m3);
  EXPECT_EQ(gemm::supports(bytes, gpu_with(99 * 1024, 89)), "");
  std::swap(of(bytes, slot::w).row_stride, of(bytes, slot::w).col_stride);
  EXPECT_NE(gemm::supports(bytes, gpu_with(99 * 1024, 89)).find("transposes bytes"), std::string::npos);
}

TEST(family, names_its_kernels) {
  families::layer l = plain_layer();
  add(l, slot::bias, element::f16);
  of(l, slot::bias).spread = extent::per_row;
  add(l, slot::kept, element::bit);
  l.kept = keep::bit;
  add(l, slot::residual, element::f32);
  l.mode = accuracy::fast;
  of(l, slot::y).type = element::f16;
  of(l, slot::x).align_bytes = 4;
  const families::candidate c = gemm::candidate_of(l, large_gpu, 5, 1);
  EXPECT_EQ(c.kernel, "gemm_sm80_bf16_nt_64x64x64x4_biasrowf16_swish_fast_keepbit_residualf32_f16_align4");
  EXPECT_EQ(c.function->files, std::vector<std::string>{"swish"});
  EXPECT_EQ(c.header, "kernels/families/gemm_sm80/kernel.cuh");
  EXPECT_EQ(gemm::workspace_bytes(l, large_gpu, c), 0u);
}

// A long name keeps its beginning and is told from another that ends otherwise.
TEST(family, long_names_are_cut) {
  const std::string name(130, 'n');
  const std::string a = kernel_name(name + "a"), b = kernel_name(name + "b");
  EXPECT_LE(a.size(), 120u);
  EXPECT_NE(a, b);
  EXPECT_EQ(a.substr(0, 100), name.substr(0, 100));
  EXPECT_EQ(kernel_name("short"), "short");
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

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
  l.activation = {"swish", 2, 16, 1, {1}};
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
void add(families::layer& l, slot what, element type, bool column_major = false) {
  l.operands.push_back(operand_of(what, type, l.m, l.n));
  if (column_major) std::swap(l.operands.back().row_stride, l.operands.back().col_stride);
}

const refusal refusals[] = {
    {"forward", [](auto& l) { l.what = operation::input_grad; }},
    {"gated", [](auto& l) { l.combined = combine::gated; }},
    {"batch", [](auto& l) { l.batch = 2; }},
    {"bf16 operands", [](auto& l) { of(l, slot::x).type = element::f32; }},
    {"bf16 operands", [](auto& l) { of(l, slot::w).type = element::f16; }},
    {"along k", [](auto& l) { of(l, slot::w).col_stride = 2; }},
    {"Y and RESIDUAL must be f32", [](auto& l) { of(l, slot::y).type = element::e4m3; }},
    {"Y and RESIDUAL must be row-major", [](auto& l) { of(l, slot::y).col_stride = 7; }},
    {"Y and RESIDUAL must be row-major", [](auto& l) { add(l, slot::residual, element::bf16, true); }},
    {"KEPT must be f32", [](auto& l) { add(l, slot::kept, element::u8); }},
    {"KEPT must be row-major", [](auto& l) { add(l, slot::kept, element::f16, true); }},
    {"BIAS must be f32", [](auto& l) { add(l, slot::bias, element::e5m2); }},
    {"EACH must be row-major", [](auto& l) { add(l, slot::bias, element::f32, true); }},
    {"as numbers", [](auto& l) { add(l, slot::target, element::f32); }},
    {"no other slot", [](auto& l) { add(l, slot::c, element::f32); }},
    {"at most 2^31", [](auto& l) { l.m = i64{1} << 31; }},
    {"at most 2^31", [](auto& l) { l.k = i64{1} << 30; }},
    {"tiles", [](auto& l) { l.m = l.n = i64{1} << 30; }},
};

TEST(family, says_why_not) {
  ASSERT_EQ(gemm::supports(plain_layer(), large_gpu), "");
  for (const refusal& one : refusals) {
    families::layer l = plain_layer();
    one.change(l);
    const std::string reason = gemm::supports(l, large_gpu);
    EXPECT_NE(reason.find(one.reason), std::string::npos) << one.reason << ": " << reason;
    EXPECT_NE(reason.back(), '.');
  }
  EXPECT_NE(gemm::supports(plain_layer(), gpu_with(163 * 1024, 75)), "");
  EXPECT_NE(gemm::supports(plain_layer(), gpu_with(1024)), "");
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
  const families::candidate c = gemm::candidate_of(l, large_gpu, 5);
  EXPECT_EQ(c.kernel, "gemm_sm80_bf16_nt_64x64x64x4_rowbiasf16_keepbit_swish_fast_residualf32_f16_align4");
  EXPECT_EQ(c.functions, std::vector<std::string>{"swish"});
  EXPECT_EQ(c.header, "kernels/families/gemm_sm80/kernel.cuh");
  EXPECT_EQ(gemm::workspace_bytes(l, large_gpu, c), 0u);
}

}  // namespace
}  // namespace gemmact::test

// What the compilers make of gemm_sm80 and gemm_simt where there is more than one product, or a gradient: nothing spilled, no
// call, no local memory, and as many products of tensor cores as the tile has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gemm_simt/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr double most_seconds =
    3.5;  // from text to cubin: 2 is the aim for several products, and a busy machine takes longer

struct product_layer {
  const char* name;
  std::function<sample_layer()> make;
};

// Of type bf16, m = n = k = 256.
sample_layer sized(sample_layer l) {
  l.problem.m = l.problem.n = l.problem.k = 256;
  for (gemmact_tensor& t : l.tensors)
    if (t.extent == GEMMACT_EACH) {
      t.align_bytes = t.type == GEMMACT_U8 ? 8 : 16;
      if (t.type == GEMMACT_F32) t.type = GEMMACT_BF16;
    }
  return l;
}

sample_layer add_columns(sample_layer l, uint32_t slot, uint32_t count) {
  for (uint32_t p = 0; p < count; ++p) l.add(slot, GEMMACT_F32, GEMMACT_PER_COLUMN, p);
  return l;
}

// Its sums, too.
sample_layer below(const char* function, gemmact_combine combine, gemmact_keep keep) {
  const uint32_t side = GEMMACT_BELOW, products = combine == GEMMACT_GATED ? 2 : 1;
  sample_layer l = input_grad_layer();
  l.problem.below = function, l.problem.below_combine = combine, l.problem.keep_below = keep;
  for (uint32_t p = 0; p < products; ++p) {
    l.add(side | GEMMACT_KEPT, keep == GEMMACT_KEEP_BIT ? GEMMACT_BIT : GEMMACT_BF16, GEMMACT_EACH, p);
    l.add(side | GEMMACT_DZ, GEMMACT_BF16, GEMMACT_EACH, p);
  }
  l = add_columns(sized(l), side | GEMMACT_DBIAS, products);
  if (keep == GEMMACT_KEEP_BIT) l.at(side | GEMMACT_KEPT).align_bytes = 4;
  return l;
}

sample_layer maxout_grad(gemmact_operation operation, uint32_t pieces) {
  sample_layer l(operation);
  l.problem.combine = GEMMACT_MAXOUT, l.problem.pieces = pieces;
  l.add(GEMMACT_DY).add(GEMMACT_KEPT, GEMMACT_U8);
  const bool input = operation == GEMMACT_INPUT_GRAD;
  l.add(input ? GEMMACT_DX : GEMMACT_X);
  for (uint32_t p = 0; p < pieces; ++p) l.add(input ? GEMMACT_W : GEMMACT_DW, GEMMACT_F32, GEMMACT_EACH, p);
  return input ? sized(l) : add_columns(sized(l), GEMMACT_DBIAS, pieces);
}

sample_layer gated_grad(gemmact_operation operation) {
  sample_layer l(operation);
  const bool input = operation == GEMMACT_INPUT_GRAD;
  l.problem.combine = GEMMACT_GATED;
  l.add(input ? GEMMACT_DX : GEMMACT_X);
  for (uint32_t p = 0; p < 2; ++p)
    l.add(GEMMACT_DZ, GEMMACT_F32, GEMMACT_EACH, p).add(input ? GEMMACT_W : GEMMACT_DW, GEMMACT_F32, GEMMACT_EACH, p);
  return sized(l);
}

sample_layer maxout(uint32_t pieces) {
  return add_columns(sized(maxout_layer(pieces).add(GEMMACT_KEPT, GEMMACT_U8)), GEMMACT_BIAS, pieces);
}

sample_layer gated(const char* function) {
  sample_layer l = gated_layer(function);
  l.problem.keep = GEMMACT_KEEP_Z;
  for (uint32_t p = 0; p < 2; ++p) l.add(GEMMACT_KEPT, GEMMACT_BF16, GEMMACT_EACH, p);
  return add_columns(sized(l), GEMMACT_BIAS, 2);
}

const product_layer layers[] = {
    {"input_grad", [] { return sized(input_grad_layer()); }},
    {"input_grad over swish", [] { return below("swish", GEMMACT_PLAIN, GEMMACT_KEEP_Z); }},
    {"input_grad over relu, bits", [] { return below("relu", GEMMACT_PLAIN, GEMMACT_KEEP_BIT); }},
    {"input_grad over a pair", [] { return below("gelu", GEMMACT_GATED, GEMMACT_KEEP_Z); }},
    {"weight_grad", [] { return sized(weight_grad_layer()); }},
    {"weight_grad with db", [] { return add_columns(sized(weight_grad_layer()), GEMMACT_DBIAS, 1); }},
    {"input_grad of a pair", [] { return gated_grad(GEMMACT_INPUT_GRAD); }},
    {"weight_grad of a pair", [] { return gated_grad(GEMMACT_WEIGHT_GRAD); }},
    {"input_grad of a maxout", [] { return maxout_grad(GEMMACT_INPUT_GRAD, 3); }},
    {"weight_grad of a maxout", [] { return maxout_grad(GEMMACT_WEIGHT_GRAD, 3); }},
    {"swish pair", [] { return gated("swish"); }},
    {"gelu pair", [] { return gated("gelu"); }},
    {"maxout of 2", [] { return maxout(2); }},
    {"maxout of 3", [] { return maxout(3); }},
    {"maxout of 5", [] { return maxout(5); }},
    {"maxout of 8", [] { return maxout(8); }},
};

struct planned {
  wanted_unit unit;
  int hmma = 0;  // 0: of gemm_simt
};

int products_a_stage(const families::gemm_sm80::config& c) {
  return int(c.warp_m() / 16 * (c.warp_n() / 8) * (c.span_bytes / 32));
}

std::vector<planned> plans_of(sample_layer layer, int architecture) {
  const families::layer l = layer_of(layer);
  const families::gpu gpu = plan::gpu_of_architecture(architecture);
  const std::string name = fmt::format("sm_{}", architecture);
  std::vector<planned> all;
  EXPECT_EQ(families::gemm_sm80::supports(l, gpu), "");
  for (const families::candidate& c : families::gemm_sm80::candidates(l, gpu))
    all.push_back({{c, name, "", "", 0, 0}, products_a_stage(families::gemm_sm80::config_of(l, c))});
  EXPECT_EQ(families::gemm_simt::supports(l, gpu), "");
  for (const families::candidate& c : families::gemm_simt::candidates(l, gpu))
    all.push_back({{c, name, "", "", 0, 0}, 0});
  return all;
}

// Each layer in some of the tiles in turn; in a full test, in all of them, on each architecture.
TEST(products_code, of_every_layer) {
  std::vector<planned> plans;
  std::vector<wanted_unit> units;
  uint64_t number = 0;
  for (size_t at = 0; at < std::size(layers); ++at)
    for (const int architecture : {80, 89, 90}) {
      const std::vector<planned> all = plans_of(layers[at].make(), architecture);
      ASSERT_GE(all.size(), 4u) << layers[at].name;
      for (size_t i = 0; i < all.size(); ++i) {
        const bool usual = architecture == (at % 2 == 0 ? 80 : 90) && (i + at) % 5 == 0;
        if ((!usual && case_count(1) == 1) || !case_selected(number++)) continue;
        plans.push_back(all[i]), units.push_back(all[i].unit);
      }
    }
  if (!compile_all(units)) GTEST_SKIP() << "NVRTC is not on this machine";
  double sum = 0, longest = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    SCOPED_TRACE(units[i].text());
    sum += units[i].seconds, longest = std::max(longest, units[i].seconds);
    EXPECT_EQ(units[i].error, "");
    if (!units[i].error.empty()) continue;
    const opcode_counts seen = units[i].counts();
    EXPECT_EQ(seen[opcode::hmma], plans[i].hmma);
    EXPECT_EQ(seen.local_memory(), 0);
    EXPECT_EQ(cubin(units[i].image).calls(units[i].candidate.kernel), 0);
  }
  fmt::print("{} units: {:.1f} s of processor time, {:.2f} the longest\n", units.size(), sum, longest);
  EXPECT_LE(longest, most_seconds);
}

}  // namespace
}  // namespace gemmact::test

// Kernels whose chains are types, as a GPU's are: the library's text names them, and they compute the layer. And how long the
// emulator takes for one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "tests/families/emulated/walks.hpp"

namespace gemmact::test {
namespace {

layer layer_of(const char* activation, gemmact_type type, gemmact_accuracy accuracy, uint32_t align) {
  layer l;
  l.m = 75, l.n = 137, l.k = 112;
  l.activation = activation;
  l.accuracy = accuracy;
  for (const gemmact_slot slot : {GEMMACT_X, GEMMACT_W}) l.add(slot, type).spec.align_bytes = align;
  return l;
}

void expect_whole(const std::string& plan, const layer& l) {
  watched_run run({"a layer", plan, l}, false);
  for (const emulator::schedule order : emulator::all_schedules) {
    emulator::options how;
    how.order = order;
    EXPECT_TRUE(run.run(how).right) << run.wrong() << "\n  " << l.text();
  }
}

TEST(whole_types, bias_swish) {
  layer l = layer_of("swish", GEMMACT_BF16, GEMMACT_ACCURATE, 16);
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_Y, GEMMACT_BF16);
  expect_whole("gemm_sm80:128x128x32x4", l);
}

TEST(whole_types, row_bias_bit_residual_in_f16) {
  layer l = layer_of("relu", GEMMACT_BF16, GEMMACT_FAST, 2);
  l.add(GEMMACT_BIAS, GEMMACT_BF16, {.extent = GEMMACT_PER_ROW});
  l.add(GEMMACT_RESIDUAL, GEMMACT_BF16, {.pad = 3});
  l.add(GEMMACT_Y, GEMMACT_F16, {.pad = 1});
  l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  expect_whole("gemm_sm80:64x64x64x4", l);
}

TEST(whole_types, one_bias_z_residual_in_f32) {
  layer l = layer_of("gelu", GEMMACT_BF16, GEMMACT_ACCURATE, 8);
  l.add(GEMMACT_BIAS, GEMMACT_F16, {.extent = GEMMACT_SCALAR});
  l.add(GEMMACT_RESIDUAL, GEMMACT_F32, {.pad = 7});
  l.add(GEMMACT_Y, GEMMACT_F32, {.pad = 7});
  l.add(GEMMACT_KEPT, GEMMACT_F32, {.pad = 3});
  expect_whole("gemm_sm80:16x64x64x6", l);
}

TEST(whole_types, bias_of_each_and_the_output_kept) {
  layer l = layer_of("tanh", GEMMACT_BF16, GEMMACT_FAST, 4);
  l.keep = GEMMACT_KEEP_OUTPUT;
  l.add(GEMMACT_BIAS, GEMMACT_BF16, {.pad = 7});
  l.add(GEMMACT_Y, GEMMACT_BF16);
  l.add(GEMMACT_KEPT, GEMMACT_BF16, {.pad = 1});
  expect_whole("gemm_sm80:16x128x64x4", l);
}

TEST(whole_types, all_of_e4m3) {
  layer l = layer_of("prelu", GEMMACT_E4M3, GEMMACT_ACCURATE, 16);
  for (const gemmact_slot slot : {GEMMACT_ALPHA, GEMMACT_BETA, GEMMACT_SCALE_X, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
    l.add(slot, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  for (const gemmact_slot slot : {GEMMACT_SCALE_W, GEMMACT_BIAS, GEMMACT_PARAM})
    l.add(slot, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_C, GEMMACT_E4M3);
  l.add(GEMMACT_RESIDUAL, GEMMACT_F16);
  l.add(GEMMACT_Y, GEMMACT_E4M3);
  l.add(GEMMACT_KEPT, GEMMACT_BIT);
  expect_whole("gemm_sm80:16x64x128x6", l);
}

// The last one of those above.
TEST(whole_types, each_was_run) {
  const emulated_gpu::control& gpu = emulated_gpu::loaded();
  if (gpu.launches == 0) GTEST_SKIP() << "nothing ran";
  int whole = 0;
  for (const std::string& type : gpu.kernels()) {
    if (type.find("any_chain") != type.npos) continue;
    EXPECT_EQ(gpu.ran.count(type), 1u) << "never run: " << type;
    ++whole;
  }
  EXPECT_EQ(whole, 5);
}

// The goal is 0.2 s on a core of its own; a shared machine is granted five times as long.
TEST(speed, of_the_emulator) {
  layer l = layer_of("swish", GEMMACT_BF16, GEMMACT_ACCURATE, 16);
  l.operands.clear();
  l.m = l.n = l.k = 512;
  for (const gemmact_slot slot : {GEMMACT_X, GEMMACT_W}) l.add(slot, GEMMACT_BF16).spec.align_bytes = 16;
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_Y, GEMMACT_BF16);
  watched_run run({"a large layer", "gemm_sm80:128x128x32x4", l});
  ASSERT_TRUE(run.run({}).right) << run.wrong();
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const std::clock_t start = std::clock();  // of the processor: other processes do not count
    run.operands().run();
    best = std::min(best, double(std::clock() - start) / CLOCKS_PER_SEC);
  }
  fmt::print("512 x 512 x 512 by 128x128x32x4 with the race detector: {:.3f} s\n", best);
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(best, 1.0);
#endif
}

}  // namespace
}  // namespace gemmact::test

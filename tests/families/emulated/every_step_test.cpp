// Each step of the epilogue that the emulated GPU has is run, on a kernel of each kind of strips, at aligned and at odd
// strides, for a row-major and a column-major Y.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/families/emulated/walks.hpp"
#include "tests/layer/functions.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr gemmact_type number_types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16};
constexpr gemmact_type output_types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3};

// The layers of one placement of the matrices that look like Y. X and W are aligned, as all families take them.
class layers_of {
 public:
  layers_of(listing like_y, bool aligned) : like_y_(like_y), aligned_(aligned) {
    for (const gemmact_type type : output_types) matrices(type), scaled(type), heads(type);
    scales();
    for (const gemmact_type type : number_types) biases(type), parameters(type), mixed_parameters(type), targets(type);
    layer& l = add("relu", GEMMACT_F32);
    l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  }
  std::vector<layer> take() { return std::move(all_); }

 private:
  layer& add(const char* activation, gemmact_type y) {
    layer& l = all_.emplace_back();
    l.m = 21, l.n = 70, l.k = 40;
    l.activation = activation;
    l.align_bytes = 16;
    l.add(GEMMACT_X, GEMMACT_BF16);
    l.add(GEMMACT_W, GEMMACT_BF16);
    if (!aligned_) l.align_bytes = 0;
    l.add(GEMMACT_Y, y, like_y_);
    return l;
  }

  void matrices(gemmact_type type) {
    layer& l = add("leaky_relu(slope=0.5)", type);
    l.add(GEMMACT_C, type, like_y_);
    l.add(GEMMACT_RESIDUAL, type, like_y_);
    if (type == GEMMACT_E4M3) return;
    l.keep = GEMMACT_KEEP_Z;
    l.add(GEMMACT_KEPT, type, like_y_);
  }

  void scaled(gemmact_type type) {
    layer& l = add("relu", type);
    l.add(GEMMACT_C, type, like_y_);
    for (const gemmact_slot slot :
         {GEMMACT_BETA, GEMMACT_ALPHA, GEMMACT_SCALE_X, GEMMACT_SCALE_W, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
      l.add(slot, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  }

  void scales() {
    layer& l = add("linear", GEMMACT_F32);
    l.add(GEMMACT_SCALE_X, GEMMACT_F32, {.extent = GEMMACT_PER_ROW});
    l.add(GEMMACT_SCALE_W, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  }

  void heads(gemmact_type type) { add("sigmoid", type).add(GEMMACT_Y_OTHER, type, like_y_); }

  void biases(gemmact_type type) {
    for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW})
      add("relu", GEMMACT_BF16).add(GEMMACT_BIAS, type, {.extent = extent});
    add("relu", GEMMACT_BF16).add(GEMMACT_BIAS, type, like_y_);
  }

  // Of functions of one parameter and of two, with and without the side of the breakpoint.
  void parameters(gemmact_type type) {
    for (const char* name : {"prelu", "clip"})
      for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN})
        for (const bool keeps : {false, true}) {
          layer& l = add(name, GEMMACT_F32);
          for (uint32_t p = 0; p < find_function(name).params.size(); ++p)
            l.add(GEMMACT_PARAM, type, {.index = p, .extent = extent});
          if (keeps) l.add(GEMMACT_KEPT, GEMMACT_BIT);
        }
  }

  // One of two parameters from a tensor, the other a number; and two of different extents.
  void mixed_parameters(gemmact_type type) {
    for (const bool keeps : {false, true})
      for (int which = 0; which < 3; ++which) {
        layer& l = add("clip(lo=-3, hi=5)", GEMMACT_F32);
        if (which != 0)
          l.add(GEMMACT_PARAM, type, {.index = 0, .extent = which == 1 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR});
        if (which != 1) l.add(GEMMACT_PARAM, type, {.index = 1, .extent = GEMMACT_PER_COLUMN});
        if (keeps) l.add(GEMMACT_KEPT, GEMMACT_BIT);
      }
  }

  void targets(gemmact_type type) {
    for (const bool keeps : {false, true})
      for (const bool by_row : {false, true}) {
        layer& l = add("hinge", GEMMACT_F32);
        l.add(GEMMACT_TARGET, type, by_row ? listing{.extent = GEMMACT_PER_ROW} : like_y_);
        if (keeps) l.add(GEMMACT_KEPT, GEMMACT_BIT);
      }
  }

  const listing like_y_;
  const bool aligned_;
  std::vector<layer> all_;
};

// Those that strips of neighbours have not.
bool is_staged(const std::string& step) { return step.find("stage") != step.npos; }

void run_every_step(const char* plan, bool staged) {
  std::vector<layer> layers;
  for (const gemmact_order order : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR})
    for (const bool aligned : {true, false}) {
      const int64_t to_sixteen = order == GEMMACT_ROW_MAJOR ? 80 - 70 : 32 - 21;
      for (layer& l : layers_of({.order = order, .pad = aligned ? to_sixteen : 0, .batched = false}, aligned).take())
        layers.push_back(std::move(l));
    }
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  gpu.ran.clear();
  int failures = 0;
  for (uint64_t i = 0; i < layers.size() && failures < 10; ++i) {
    if (!case_selected(i)) continue;
    watched_run run({"a layer", plan, layers[i]});
    emulator::options how;
    how.seed = i;
    if (run.run(how).right) continue;
    ++failures;
    ADD_FAILURE() << run.wrong() << "\n  " << layers[i].text() << "\n  " << replay_line(i);
  }
  fmt::print("{}: {} layers, {} steps\n", plan, layers.size(), gpu.steps().size());
  if (case_share() < 1) return;
  for (const std::string& step : gpu.steps())
    EXPECT_EQ(gpu.ran.count(step), staged || !is_staged(step) ? 1u : 0u) << "never run: " << step;
}

TEST(every_step, of_strips_of_neighbours) { run_every_step("gemm_sm80:16x64x64x6", false); }
TEST(every_step, of_strips_of_pairs) { run_every_step("gemm_sm90:128x128x64x4", true); }

}  // namespace
}  // namespace gemmact::test

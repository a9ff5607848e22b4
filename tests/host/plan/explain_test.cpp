// Explanations, compared with explanations.txt (rewritten with GEMMACT_UPDATE_DOCS=1). Devices are described ones with
// families for tests, whose texts are the same on every machine; what the CPU device adds is looked for by its words.
#include "host/plan/explain.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "host/plan/devices.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_device.hpp"
#include "host/plan/gpu_facts.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/toy_family.hpp"

namespace gemmact::plan {
namespace {

using test::sample_layer;

struct row {
  const char* device;
  sample_layer layer;
};

sample_layer with(sample_layer l, uint32_t slot, gemmact_type type = GEMMACT_F32, gemmact_extent extent = GEMMACT_EACH,
                  uint32_t index = 0) {
  return l.add(slot, type, extent, index);
}

sample_layer everything() {
  sample_layer l = test::forward_layer("leaky_relu(slope=0.02)");
  for (uint32_t slot : {GEMMACT_ALPHA, GEMMACT_BETA, GEMMACT_SCALE_X, GEMMACT_SCALE_W, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
    l.add(slot, GEMMACT_F32, GEMMACT_SCALAR);
  l.add(GEMMACT_C, GEMMACT_BF16).add(GEMMACT_RESIDUAL, GEMMACT_F16).add(GEMMACT_KEPT, GEMMACT_BIT);
  l.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR;
  l.at(GEMMACT_X).ld = 64;
  l.problem.batch = 3;
  for (uint32_t slot : {GEMMACT_Y, GEMMACT_X}) l.at(slot).batch_stride = 1000;
  l.at(GEMMACT_KEPT).batch_stride = 320;
  l.problem.flags = GEMMACT_VARIABLE_M | GEMMACT_BATCH_INVARIANT;
  l.problem.compute = GEMMACT_COMPUTE_TF32;
  l.problem.accuracy = GEMMACT_FAST;
  return l;
}

std::vector<row> rows() {
  sample_layer gated = with(test::gated_layer(), GEMMACT_KEPT, GEMMACT_BF16);
  gated.add(GEMMACT_KEPT, GEMMACT_BF16, GEMMACT_EACH, 1).add(GEMMACT_BIAS, GEMMACT_F32, GEMMACT_PER_COLUMN, 1);
  sample_layer params = test::activation_grad_layer("prelu", GEMMACT_F16);
  params.add(GEMMACT_PARAM, GEMMACT_F32, GEMMACT_PER_COLUMN).add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_PER_COLUMN);
  sample_layer below = with(test::below_layer(), GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  below.drop(GEMMACT_DX);
  sample_layer weights = with(test::weight_grad_layer(), GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  weights.problem.flags = GEMMACT_ACCUMULATE_DW | GEMMACT_ACCUMULATE_DPARAM;  // the second is ignored
  sample_layer equation = test::forward_layer("f(x; beta=1.7, t) = x / (1 + exp(-beta * x)) - t");
  equation.add(GEMMACT_OPERAND, GEMMACT_F32, GEMMACT_PER_ROW, 1).add(GEMMACT_PARAM, GEMMACT_F32, GEMMACT_SCALAR);
  sample_layer output = test::forward_layer("tanh");
  output.problem.keep = GEMMACT_KEEP_OUTPUT;
  return {{"describe:h100", test::forward_layer()},
          {"describe:a100", everything()},
          {"describe:b200", gated},
          {"describe:l40s", with(test::maxout_layer(3), GEMMACT_KEPT, GEMMACT_U8)},
          {"describe:h200", with(test::forward_layer("hinge"), GEMMACT_TARGET, GEMMACT_F32, GEMMACT_PER_ROW)},
          {"describe:h100", output},
          {"describe:h100", params},
          {"describe:h100", below},
          {"describe:h100", weights},
          {"describe:h100", equation},
          {"describe:h100", test::forward_layer("rleu")}};
}

families::gpu described(const std::string& device) {
  for (const described_gpu& gpu : described_gpus())
    if (device == std::string("describe:") + gpu.name) return gpu.facts;
  ADD_FAILURE() << device;
  return {};
}

TEST(explain, described_devices) {
  std::string all;
  for (row r : rows()) {
    const gpu_device device(described(r.device), nullptr, test::toy::rows(), {});
    all += explain(r.device, device, r.layer.link(), functions()) + "\n";
  }
  if (std::getenv("GEMMACT_UPDATE_DOCS") != nullptr) std::ofstream(GEMMACT_EXPLANATIONS) << all;
  std::ifstream in(GEMMACT_EXPLANATIONS);
  std::ostringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(all, expected.str());
}

TEST(explain, the_cpu_device_says_what_it_will_do) {
  std::unique_ptr<core::device> cpu = open_device("cpu");
  std::string text = explain("cpu", *cpu, test::forward_layer().link(), functions());
  for (const char* part :
       {"Device \"cpu\": CPU, ", "Y = relu(X W^T + BIAS)", "Families:\n  cpu: cpu_", "Launches: 1. Workspace: "})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
  EXPECT_EQ(text.find("Refused"), std::string::npos) << text;
}

}  // namespace
}  // namespace gemmact::plan

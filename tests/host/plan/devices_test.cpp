// Devices from their texts, what is said where there is none, and the override of the choice.
#include "host/plan/devices.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "host/core/status.hpp"
#include "host/plan/families.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_family.hpp"
#include "tests/host/sample_layer.hpp"

namespace gemmact::plan {
namespace {

std::string refusal(const char* device, gemmact_status status) {
  try {
    open_device(device);
  } catch (const core::failure& f) {
    EXPECT_EQ(f.status(), status) << f.message();
    return f.message();
  }
  ADD_FAILURE() << device << " was opened";
  return "";
}

TEST(opening, cpu) {
  std::unique_ptr<core::device> device = open_device("cpu");
  EXPECT_TRUE(device->can_run());
  EXPECT_FALSE(device->has_streams());
  EXPECT_GE(device->threads(), 1);
}

TEST(opening, texts_that_are_no_device) {
  EXPECT_EQ(refusal("cuda:", GEMMACT_BAD_DEVICE),
            "device is \"cuda:\"; a GPU is cuda: and its number, such as \"cuda:0\"");
  for (const char* text : {"cuda:-1", "cuda:1x", "cuda:99999999999", "cuda: 1", "cuda", "gpu:0", ""})
    refusal(text, GEMMACT_BAD_DEVICE);
  EXPECT_NE(refusal("describe:h10", GEMMACT_BAD_DEVICE).find("did you mean"), std::string::npos);
}

TEST(opening, described) {
  for (const described_gpu& gpu : described_gpus()) {
    std::unique_ptr<core::device> device = open_device(std::string("describe:") + gpu.name);
    EXPECT_FALSE(device->can_run());
    EXPECT_NE(device->description().find(gpu.facts.model), std::string::npos);
    test::sample_layer layer = test::layer_for_no_gpu();
    core::problem p = core::check_problem(layer.link(), functions());
    std::vector<core::offer> offers = device->offers(p);
    ASSERT_EQ(offers.size(), gpu_families().size());
    for (const core::offer& o : offers) EXPECT_FALSE(o.refusal.empty()) << o.family;
    try {
      compile(*device, p);
      ADD_FAILURE() << gpu.name;
    } catch (const core::failure& f) {
      EXPECT_EQ(f.status(), GEMMACT_NOT_SUPPORTED);
      for (const core::offer& o : offers) EXPECT_NE(f.message().find(o.refusal), std::string::npos) << f.message();
    }
  }
}

TEST(opening, blackwell_is_told_what_runs_there) {
  EXPECT_NE(open_device("describe:b200")->description().find("the portable kernels run on it"), std::string::npos);
  EXPECT_EQ(open_device("describe:h100")->description().find("portable"), std::string::npos);
}

TEST(opening, the_override_names_a_family) {
  std::unique_ptr<core::device> device = open_device("cpu");
  test::sample_layer layer = test::forward_layer();
  core::problem p = core::check_problem(layer.link(), functions());
  const auto message = [&](const char* wanted) {
    ::setenv("GEMMACT_PLAN", wanted, 1);
    try {
      compile(*device, p);
    } catch (const core::failure& f) {
      EXPECT_EQ(f.status(), GEMMACT_NOT_SUPPORTED);
      return f.message();
    }
    return std::string("none");
  };
  EXPECT_EQ(message("cpu"), "none");
  EXPECT_EQ(message("gemm_sm90"), "GEMMACT_PLAN is \"gemm_sm90\", but this device has only the families: cpu");
  EXPECT_EQ(message(":128x128"), "GEMMACT_PLAN is \":128x128\", but this device has only the families: cpu");
  EXPECT_EQ(message("cpu:128x128"),
            "GEMMACT_PLAN is \"cpu:128x128\", but that family offers for this problem no choice of a tile");
  ::setenv("GEMMACT_PLAN", "cpu", 1);
  EXPECT_THROW(compile(*open_device("describe:h100"), p), core::failure);
  ::unsetenv("GEMMACT_PLAN");
}

// A device that wants two launches without having been allowed to.
class unfused_device final : public core::device {
  class twice final : public core::executable {
    size_t workspace_bytes() const override { return 0; }
    int launches() const override { return 2; }
    std::string family() const override { return "twice"; }
    std::string kernel_name() const override { return "twice"; }
    void workspace_init(void*, void*) const override {}
    void run(const core::run_operands&, void*, void*) const override {}
  };
  std::string description() const override { return "two launches"; }
  bool can_run() const override { return true; }
  std::vector<core::offer> offers(const core::problem&) const override { return {}; }
  std::unique_ptr<core::executable> compile(const core::problem&) const override { return std::make_unique<twice>(); }
};

TEST(compile, several_launches_must_be_allowed) {
  test::sample_layer layer = test::forward_layer();
  unfused_device device;
  EXPECT_THROW(compile(device, core::check_problem(layer.link(), functions())), core::failure);
  layer.problem.flags = GEMMACT_ALLOW_UNFUSED;
  EXPECT_EQ(compile(device, core::check_problem(layer.link(), functions()))->launches(), 2);
}

}  // namespace
}  // namespace gemmact::plan

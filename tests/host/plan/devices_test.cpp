// Devices from their texts; what is said where there is no CUDA, no GPU, or no kernel family for it.
#include "host/plan/devices.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/core/status.hpp"
#include "host/plan/cuda_presence.hpp"
#include "host/plan/described_device.hpp"
#include "host/plan/families.hpp"
#include "host/plan/functions.hpp"
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

std::string fake(const char* variant) { return std::string(GEMMACT_FAKES) + "/" + variant + "/libcuda.so.1"; }

TEST(cuda_presence, nothing_there) {
  cuda_presence found = find_cuda("libcuda_of_no_machine.so.1");
  EXPECT_FALSE(found.library);
  EXPECT_EQ(found.version, 0);
  EXPECT_EQ(found.devices, 0);
  EXPECT_NE(found.trouble.find("not on this machine"), std::string::npos);
}

TEST(cuda_presence, stand_ins) {
  cuda_presence none = find_cuda(fake("no_device").c_str());
  EXPECT_TRUE(none.library);
  EXPECT_EQ(none.devices, 0);
  EXPECT_EQ(none.trouble, "the driver is here, but it has no device");
  cuda_presence two = find_cuda(fake("two_devices").c_str());
  EXPECT_EQ(two.devices, 2);
  EXPECT_EQ(two.version, 0);
  EXPECT_EQ(find_cuda(fake("cannot_start").c_str()).version, 12040);
  EXPECT_EQ(two.trouble, "");
  EXPECT_EQ(find_cuda(fake("cannot_start").c_str()).trouble,
            "the driver could not start: cuInit says CUDA_ERROR_NO_DEVICE");
  EXPECT_EQ(find_cuda(fake("not_a_driver").c_str()).trouble, "the driver's library lacks cuInit or cuDeviceGetCount");
}

TEST(cuda_presence, the_library_is_let_go) {
  find_cuda(fake("two_devices").c_str());
  EXPECT_EQ(dlopen(fake("two_devices").c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST(opening, cpu) {
  std::unique_ptr<core::device> device = open_device("cpu");
  EXPECT_TRUE(device->can_run());
  EXPECT_FALSE(device->has_streams());
  EXPECT_GE(device->threads(), 1);
}

// These run with a stand-in where the loader looks first, as ctest entries of their own.
TEST(opening, DISABLED_cuda_no_device) {
  EXPECT_EQ(
      refusal("cuda:0", GEMMACT_NO_DEVICE),
      "device \"cuda:0\" cannot be opened: the driver is here, but it has no device; this build has no CUDA kernel "
      "family yet either");
}

TEST(opening, DISABLED_cuda_two_devices) {
  EXPECT_EQ(refusal("cuda:1", GEMMACT_NO_DEVICE),
            "device \"cuda:1\" is on this machine, but this build has no CUDA kernel family yet; use \"cpu\"");
  EXPECT_EQ(refusal("cuda:2", GEMMACT_NO_DEVICE),
            "device \"cuda:2\" cannot be opened: the driver has 2 device(s), numbered from 0; this build has no CUDA "
            "kernel family yet either");
}

TEST(opening, described) {
  for (const described_gpu& gpu : described_gpus()) {
    std::unique_ptr<core::device> device = open_device(std::string("describe:") + gpu.name);
    EXPECT_FALSE(device->can_run());
    EXPECT_NE(device->description().find(gpu.model), std::string::npos);
    test::sample_layer layer = test::forward_layer();
    core::problem p = core::check_problem(layer.link(), functions());
    std::vector<core::offer> offers = device->offers(p);
    ASSERT_EQ(offers.size(), families().size());
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

TEST(opening, the_override_names_a_family) {
  std::unique_ptr<core::device> device = open_device("cpu");
  test::sample_layer layer = test::forward_layer();
  core::problem p = core::check_problem(layer.link(), functions());
  ::setenv("GEMMACT_PLAN", "cpu", 1);
  EXPECT_EQ(compile(*device, p)->family(), "cpu");
  ::setenv("GEMMACT_PLAN", "gemm_sm90", 1);
  try {
    compile(*device, p);
    ADD_FAILURE();
  } catch (const core::failure& f) {
    EXPECT_EQ(f.status(), GEMMACT_NOT_SUPPORTED);
    EXPECT_EQ(f.message(), "GEMMACT_PLAN is \"gemm_sm90\", but this device has only the families: cpu");
  }
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
  std::vector<core::offer> offers(const core::problem&) const override { return {{"twice", "", "twice", ""}}; }
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

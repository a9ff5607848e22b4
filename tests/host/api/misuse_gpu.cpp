// Calls that fail because of a GPU, its driver or its compiler: the driver is a fake one, the kernels are toys.
#include <array>

#include "host/api/handles.hpp"
#include "host/plan/gpu_device.hpp"
#include "host/plan/gpu_facts.hpp"
#include "tests/host/api/misuse.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/support/fake_cuda/loaded.hpp"
#include "tests/support/toy_family.hpp"

namespace gemmact::test {
namespace {

using call = fake_cuda::function;

gemmact_status open(const char* device) {
  gemmact_context* made = nullptr;
  const gemmact_status status = gemmact_context_create(device, &made);
  gemmact_context_destroy(made);
  return status;
}

// A context of toys, whose kernels are in the pack, or nowhere.
void open_toys(gemmact_context& context, const jit::compiler_options& options) {
  const cuda::context& here = cuda::context::open(cuda::driver::instance(), 0);
  context.device = std::make_unique<plan::gpu_device>(plan::gpu_of(here.facts()), &here, toy::rows(), options);
}

gemmact_status tune(const jit::compiler_options& options, const std::function<void()>& before) {
  gemmact_context context;
  open_toys(context, options);
  sample_layer layer = forward_layer();
  gemmact_context_prewarm(&context, std::array{static_cast<const gemmact_problem*>(layer.link())}.data(), 1, 1);
  sample_run run(layer);
  before();
  return gemmact_tune(&context, layer.link(), run.link(), 1);
}

// A plan of a toy, and then one run.
gemmact_status plan_and_run(const jit::compiler_options& options, const std::function<void()>& before_run) {
  gemmact_context context;
  open_toys(context, options);
  sample_layer layer = forward_layer();
  gemmact_plan* plan = nullptr;
  if (const gemmact_status status = gemmact_plan_create(&context, layer.link(), &plan)) return status;
  sample_run run(layer);
  before_run();
  const gemmact_status status = gemmact_run(plan, run.link(), nullptr, nullptr);
  gemmact_plan_destroy(plan);  // leaves the message
  return status;
}

jit::compiler_options no_compiler() {
  jit::compiler_options options;
  options.nvrtc = "/nonexistent/libnvrtc.so";
  return options;
}

}  // namespace

std::vector<call_misuse> gpu_misuses() {
  static fake_cuda::state& fake = fake_cuda::loaded();
  static const temporary_folder folder;
  toy::write_pack(folder / "toy.pack", "sm_90");
  jit::compiler_options packed = no_compiler();
  packed.packs = {folder / "toy.pack"};
  const auto nothing = [] {};
  std::vector<call_misuse> t;
  // Before a driver could be opened, in this order.
  t.push_back({"the toolkit's stand-in",
               [] {
                 fake.fail_next(call::cuInit, 34);
                 return open("cuda:0");
               },
               GEMMACT_NO_DRIVER, "device \"cuda:0\" cannot be opened: starting the driver"});
  t.push_back({"an old driver",
               [] {
                 fake.driver_version = 11040;
                 const gemmact_status status = open("cuda:0");
                 fake.driver_version = 12040;
                 return status;
               },
               GEMMACT_DRIVER_TOO_OLD, "the driver is for CUDA 11.4"});
  t.push_back({"a number too high", [] { return open("cuda:2"); }, GEMMACT_NO_DEVICE,
               "device \"cuda:2\" cannot be opened: the driver has 2 device(s), numbered from 0"});
  t.push_back({"a pack that is not there",
               [] {
                 ::setenv("GEMMACT_PACK", "/nonexistent/my.pack", 1);
                 const gemmact_status status = open("cuda:0");
                 ::unsetenv("GEMMACT_PACK");
                 return status;
               },
               GEMMACT_BAD_FILE, "/nonexistent/my.pack"});
  t.push_back(
      {"no compiler", [=] { return plan_and_run(no_compiler(), nothing); }, GEMMACT_NO_COMPILER, "install NVRTC"});
  t.push_back({"a load in a capture",
               [=] {
                 fake.begin_capture(&fake);
                 const gemmact_status status = plan_and_run(packed, nothing);
                 fake.end_capture(&fake);
                 return status;
               },
               GEMMACT_STREAM_CAPTURING, "loading kernel toy_64x64 is refused"});
  t.push_back({"a launch that is refused",
               [=] { return plan_and_run(packed, [] { fake.fail_next(call::cuLaunchKernelEx, 701); }); },
               GEMMACT_DEVICE_FAILED, "the device can still be used"});
  t.push_back({"tuning in a capture", [=] { return tune(packed, [] { fake.begin_capture(&fake); }); },
               GEMMACT_STREAM_CAPTURING, "tuning"});
  t.push_back({"tuning without room",
               [=] {
                 fake.forget();
                 return tune(packed, [] { fake.fail_next(call::cuMemAllocAsync, 2); });
               },
               GEMMACT_OUT_OF_MEMORY, "allocating memory of"});
  t.push_back({"somebody's fault",
               [=] {
                 const gemmact_status status =
                     plan_and_run(packed, [] { fake.fail_next(call::cuLaunchKernelEx, 719); });
                 fake.forget();
                 return status;
               },
               GEMMACT_DEVICE_FAULT, "this is a fault of earlier work on the GPU, not of this call"});
  return t;
}

}  // namespace gemmact::test

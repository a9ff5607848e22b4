// Drivers that are missing, too old, broken or without devices: each has its own status and sentence.
#include "host/cuda/driver.hpp"

#include <gtest/gtest.h>

#include "host/cuda/context.hpp"
#include "host/cuda/loaded_kernel.hpp"
#include "tests/support/fake_cuda/loaded.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::cuda {
namespace {

using call = fake_cuda::function;
using test::expect_part;
using test::refusal;

// A driver whose devices are opened: it lives until the process ends, as its contexts do.
const driver& kept(const char* library) { return *new driver(library); }

class drivers : public ::testing::Test {
 protected:
  void TearDown() override {
    fake.forget();
    fake.driver_version = 12040;
    fake.devices = 2;
    fake.missing.clear();
  }
  std::string open(gemmact_status status, const char* library = GEMMACT_FAKE_CUDA) {
    return refusal(status, [&] { driver made(library); });
  }
  fake_cuda::state& fake = fake_cuda::loaded();
};

TEST_F(drivers, missing_library) {
  const std::string text = open(GEMMACT_NO_DRIVER, "libcuda_of_no_machine.so.1");
  expect_part(text, "the driver's library cannot be loaded (libcuda_of_no_machine.so.1: ");
  expect_part(text, "is NVIDIA's driver installed?");
}

TEST_F(drivers, another_library) {
  EXPECT_EQ(open(GEMMACT_NO_DRIVER, "libm.so.6"),
            "libm.so.6 is not NVIDIA's driver: it lacks cuInit or cuDriverGetVersion");
}

TEST_F(drivers, too_old) {
  fake.driver_version = 11080;
  EXPECT_EQ(open(GEMMACT_DRIVER_TOO_OLD), "the driver is for CUDA 11.8, and must be for CUDA 12.0 or newer");
  EXPECT_EQ(fake.count(call::cuInit), 0) << "such a driver is left alone";
}

TEST_F(drivers, every_function_that_is_required_is_missed) {
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments)                                            \
  if (std::string(#name) != "cuInit" && std::string(#name) != "cuDriverGetVersion") {                                  \
    fake.missing = {#name};                                                                                            \
    if (required) expect_part(open(GEMMACT_DRIVER_TOO_OLD), "the driver, for CUDA 12.4, lacks " #name ", which came"); \
    else EXPECT_EQ(driver(GEMMACT_FAKE_CUDA).call.name, nullptr);                                                      \
  }
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
  fake.missing = {"cuLibraryLoadData"};
  expect_part(open(GEMMACT_DRIVER_TOO_OLD), "CUDA 12.0");
}

TEST_F(drivers, a_driver_without_the_newest_is_enough) {
  fake.driver_version = 12000;  // before cuFuncLoad
  const driver made(GEMMACT_FAKE_CUDA);
  EXPECT_EQ(made.call.cuFuncLoad, nullptr);
  EXPECT_NE(made.call.cuLaunchKernelEx, nullptr);
  EXPECT_EQ(made.version_text(), "CUDA 12.0");
}

// Graphs of drivers before CUDA 12.3 cannot capture a launch with the attribute.
TEST_F(drivers, launches_overlap_where_they_can_be_captured) {
  const std::string name = "kernel", cubin = fake_cuda::cubin(name, 4), compiler = "no compiler";
  for (const auto& [version, overlaps] : {std::pair{12000, false}, {12020, false}, {12030, true}, {13000, true}}) {
    fake.driver_version = version;
    const loaded_kernel kernel(context::open(kept(GEMMACT_FAKE_CUDA), 0), {name, cubin, compiler}, 0);
    uint32_t params = 0;
    launch_shape shape;
    shape.threads = 32;
    shape.overlaps_previous = true;
    fake.launches.clear();
    kernel.launch(shape, &params, nullptr);
    ASSERT_EQ(fake.launches.size(), 1u) << version;
    EXPECT_EQ(fake.launches[0].overlaps_previous, overlaps) << version;
    EXPECT_EQ(fake.launches[0].cluster, 1u) << version;
  }
}

// The plain cuCtxPushCurrent of this one aborts.
TEST_F(drivers, plain_symbols) {
  fake_cuda::loaded(GEMMACT_FAKE_CUDA_PLAIN).devices = 1;
  const driver& made = kept(GEMMACT_FAKE_CUDA_PLAIN);
  EXPECT_EQ(made.device_count(), 1);
  const context& here = context::open(made, 0);
  const context::scope current(here);
  context_handle now = nullptr;
  EXPECT_EQ(made.call.cuCtxGetCurrent(&now), 0);
  EXPECT_NE(now, nullptr);
}

TEST_F(drivers, that_do_not_start) {
  fake.fail_next(call::cuInit, 100);
  EXPECT_EQ(
      open(GEMMACT_NO_DEVICE),
      "starting the driver, which is for CUDA 12.4, failed: cuInit says CUDA_ERROR_NO_DEVICE (the driver's words); "
      "there is no such device for this process");
  fake.fail_next(call::cuInit, 34);
  expect_part(open(GEMMACT_NO_DRIVER),
              "CUDA_ERROR_STUB_LIBRARY (the driver's words); this libcuda.so.1 is the toolkit's");
  fake.fail_next(call::cuInit, 803);
  expect_part(open(GEMMACT_DEVICE_FAILED),
              "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (the driver's words); no GPU can be used");
  fake.fail_next(call::cuInit, 999);
  expect_part(open(GEMMACT_DEVICE_FAILED), "cuInit says error 999");
  EXPECT_EQ(driver(GEMMACT_FAKE_CUDA).device_count(), 2) << "the next call starts anew";
}

TEST_F(drivers, devices_by_number) {
  const driver& made = kept(GEMMACT_FAKE_CUDA);
  const context& first = context::open(made, 0);
  EXPECT_EQ(first.facts().model, "Fake GPU");
  EXPECT_EQ(first.facts().major, 9);
  EXPECT_EQ(first.facts().shared_block_bytes, 227 * 1024);
  EXPECT_EQ(&first, &context::open(made, 0));
  context::open(made, 1);
  EXPECT_EQ(fake.count(call::cuDevicePrimaryCtxRetain), 2) << "once a device";
  EXPECT_EQ(refusal(GEMMACT_NO_DEVICE, [&] { context::open(made, 2); }),
            "the driver has 2 device(s), numbered from 0, and none is 2");
  fake.devices = 0;
  EXPECT_EQ(refusal(GEMMACT_NO_DEVICE, [&] { context::open(made, 3); }), "the driver is here, but it has no device");
}

TEST_F(drivers, what_results_mean) {
  EXPECT_EQ(meaning_of(2).status, GEMMACT_OUT_OF_MEMORY);
  EXPECT_EQ(meaning_of(900).status, GEMMACT_STREAM_CAPTURING);
  EXPECT_EQ(meaning_of(701).status, GEMMACT_DEVICE_FAILED);
  EXPECT_EQ(meaning_of(719).status, GEMMACT_DEVICE_FAULT);
  EXPECT_EQ(meaning_of(12345).status, GEMMACT_DEVICE_FAILED);
  for (result code : {1, 2, 200, 209, 218, 222, 301, 400, 500, 701, 720, 900, 901, 906, 912})
    EXPECT_EQ(meaning_of(code).device, aftermath::usable) << code;
  for (result code : {3, 4, 214, 700, 709, 719, 911}) EXPECT_EQ(meaning_of(code).device, aftermath::lost) << code;
  for (result code : {46, 201, 304, 803, 999, 12345}) EXPECT_EQ(meaning_of(code).device, aftermath::unknown) << code;
  const driver made(GEMMACT_FAKE_CUDA);
  EXPECT_EQ(
      refusal(GEMMACT_OUT_OF_MEMORY, [&] { made.fail(2, "cuMemAllocAsync", "allocating 5 bytes"); }),
      "allocating 5 bytes failed: cuMemAllocAsync says CUDA_ERROR_OUT_OF_MEMORY (the driver's words); the device can "
      "still be used");
  EXPECT_EQ(
      refusal(GEMMACT_DEVICE_FAULT, [&] { made.fail(700, "cuLaunchKernelEx", "launching k"); }),
      "launching k failed: cuLaunchKernelEx says CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was "
      "encountered); this is a fault of earlier work on the GPU, not of this call; the GPU cannot be used in this "
      "process any more, which must be restarted");
  const auto says = [&](result code, const char* function, const char* part) {
    const std::string text = refusal(meaning_of(code).status, [&] { made.fail(code, function, "doing it"); });
    expect_part(text, part);
    EXPECT_EQ(text.find("can still be used") != text.npos && text.find("not known") == text.npos, false) << text;
  };
  says(3, "cuCtxGetCurrent", "does not work in a process that was forked");
  says(709, "cuCtxPushCurrent", "somebody has destroyed the device's primary context, as cudaDeviceReset does");
  says(4, "cuCtxGetCurrent", "the GPU cannot be used in this process any more");
  for (result code : {46, 999, 12345})
    says(code, "cuLaunchKernelEx", "whether the device can still be used is not known");
  says(900, "cuLibraryLoadData", "plans must be created before a capture begins");
  says(906, "cuStreamIsCapturing", "plans must be created before a capture begins");
  for (const char* function : {"cuLaunchKernelEx", "cuMemsetD8Async"})
    says(906, function, "its capture is spoilt; use another stream than the default one");
  says(901, "cuLaunchKernelEx", "the stream's capture was spoilt before");
}

}  // namespace
}  // namespace gemmact::cuda

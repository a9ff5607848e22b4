// While streams are captured, and gemmact_linear on streams.
#include "tests/host/plan/gpu_fixture.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

class gpu_captures : public gpu_fixture {
 protected:
  gemmact_status linear(void* on, int64_t m = 5, const char* activation = "relu") {
    const gemmact_status status = gemmact_linear(context_.get(), activation, x_.data(), x_.data() + 1024,
                                                 x_.data() + 2048, x_.data() + 3072, m, 7, 3, GEMMACT_F32, on);
    message_ = gemmact_last_error();
    return status;
  }
  std::vector<float> x_ = std::vector<float>(4096);
};

TEST_F(gpu_captures, runs_are_captured) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  for (bool blocking : {true, false}) {
    fake_.begin_capture(stream(1), blocking);
    EXPECT_EQ(run(plan.get(), memory, stream(1)), GEMMACT_OK) << message_;
    const fake_cuda::capture ended = fake_.end_capture(stream(1));
    EXPECT_TRUE(ended.valid);
    EXPECT_EQ(ended.launches, 1);
  }
}

TEST_F(gpu_captures, a_plan_that_would_load_is_refused) {
  sample_layer layer = forward_layer();
  fake_.begin_capture(stream(1));
  EXPECT_EQ(make_plan(layer, GEMMACT_STREAM_CAPTURING), nullptr);
  EXPECT_EQ(
      message_,
      "loading kernel toy_64x64 is refused: a stream is being captured, which goes on; plans must be created before "
      "a capture begins");
  EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 0);
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid) << "the refusal has not spoilt it";
  EXPECT_NE(make_plan(layer), nullptr);
}

TEST_F(gpu_captures, a_plan_whose_kernel_is_loaded_is_not) {
  sample_layer layer = forward_layer();
  make_plan(layer);
  layer.problem.k = 8;
  fake_.begin_capture(stream(1));
  EXPECT_NE(make_plan(layer), nullptr);
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
}

// The driver does not tell of captures on streams that do not block; a load must leave them alone.
TEST_F(gpu_captures, those_that_cannot_be_seen_are_not_spoilt) {
  sample_layer layer = forward_layer();
  fake_.begin_capture(stream(1), false);
  EXPECT_NE(make_plan(layer), nullptr) << message_;
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
  cuda::capture_mode mode = cuda::capture_mode::global;
  cuda::driver::instance().call.cuThreadExchangeStreamCaptureMode(&mode);
  EXPECT_EQ(mode, cuda::capture_mode::global) << "the thread's mode is what it was";
}

TEST_F(gpu_captures, unloading_spoils_none) {
  sample_layer layer = forward_layer();
  make_plan(layer);
  fake_.begin_capture(stream(1));
  context_.reset();
  EXPECT_EQ(fake_.libraries, 0);
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
}

TEST_F(gpu_captures, a_caller_who_relaxed_its_thread_may_load) {
  sample_layer layer = forward_layer();
  cuda::capture_mode mode = cuda::capture_mode::relaxed;
  cuda::driver::instance().call.cuThreadExchangeStreamCaptureMode(&mode);
  fake_.begin_capture(stream(1));
  EXPECT_NE(make_plan(layer), nullptr) << message_;
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
  cuda::driver::instance().call.cuThreadExchangeStreamCaptureMode(&mode);
  EXPECT_EQ(mode, cuda::capture_mode::relaxed);
}

TEST_F(gpu_captures, the_default_stream_beside_a_capture) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  fake_.begin_capture(stream(1));
  EXPECT_EQ(run(plan.get(), memory, nullptr), GEMMACT_STREAM_CAPTURING);
  expect_part(message_, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT");
  expect_part(message_, "its capture is spoilt; use another stream than the default one");
  EXPECT_FALSE(fake_.end_capture(stream(1)).valid);
}

TEST_F(gpu_captures, linear_launches_and_keeps_its_plan) {
  ASSERT_EQ(linear(stream(2)), GEMMACT_OK) << message_;
  fake_.forget();
  ASSERT_EQ(linear(stream(3)), GEMMACT_OK) << message_;
  EXPECT_EQ(fake_.count(call::cuLaunchKernelEx), 1);
  EXPECT_EQ(loads_and_allocations(), 0) << "no workspace is needed, and none is brought";
  EXPECT_EQ(fake_.launches.at(0).stream, stream(3));
  EXPECT_EQ(params_of(fake_.launches.at(0)).y, x_.data() + 3072);
}

// Of X and W, by a plan of its own; of Y beside them where all have 16 bytes.
class linear_alignments : public gpu_captures {
 protected:
  gemmact_status at(int x, int w, int y, void* on = nullptr) {
    return gemmact_linear(context_.get(), "relu", memory_ + x, memory_ + 32 + w, memory_ + 64 + y, memory_ + 96 + y, 2,
                          2, 2, GEMMACT_F32, on);
  }
  alignas(64) float memory_[256] = {};
};

TEST_F(linear_alignments, are_promised) {
  EXPECT_EQ(at(0, 0, 0), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(at(0, 4, 0), GEMMACT_OK);
  EXPECT_EQ(context_->linear.size(), 1u);
  for (int y : {1, 2, 3}) EXPECT_EQ(at(0, 0, y), GEMMACT_OK) << "without Y";
  EXPECT_EQ(context_->linear.size(), 2u);
  for (int y : {1, 2, 3}) EXPECT_EQ(at(2, 0, y), GEMMACT_OK) << "8 bytes, whatever Y has";
  EXPECT_EQ(at(2, 0, 0), GEMMACT_OK) << "8 bytes";
  EXPECT_EQ(at(0, 1, 0), GEMMACT_OK) << "4 bytes";
  EXPECT_EQ(at(3, 2, 0), GEMMACT_OK);
  EXPECT_EQ(context_->linear.size(), 4u);
  const auto* odd = reinterpret_cast<const char*>(memory_) + 2;
  EXPECT_EQ(
      gemmact_linear(context_.get(), "relu", odd, memory_ + 32, nullptr, memory_ + 96, 2, 2, 2, GEMMACT_F32, nullptr),
      GEMMACT_MISALIGNED);
}

TEST_F(linear_alignments, of_less_serve_in_a_capture) {
  ASSERT_EQ(at(1, 0, 0), GEMMACT_OK) << "4 bytes";
  fake_.begin_capture(stream(1));
  for (int x : {0, 2, 3}) EXPECT_EQ(at(x, 0, 0, stream(1)), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(fake_.end_capture(stream(1)).launches, 3);
  EXPECT_EQ(context_->linear.size(), 1u);
  EXPECT_EQ(at(0, 0, 0), GEMMACT_OK);
  EXPECT_EQ(context_->linear.size(), 2u) << "after it, the better one is made";
}

TEST_F(linear_alignments, of_more_do_not) {
  ASSERT_EQ(at(2, 0, 0), GEMMACT_OK) << "8 bytes";
  fake_.begin_capture(stream(1));
  EXPECT_EQ(at(1, 0, 0, stream(1)), GEMMACT_STREAM_CAPTURING);
  EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
}

TEST_F(gpu_captures, linear_in_a_capture) {
  for (bool blocking : {true, false}) {
    fake_.begin_capture(stream(1), blocking);
    EXPECT_EQ(linear(stream(1)), GEMMACT_STREAM_CAPTURING);
    EXPECT_EQ(message_,
              "creating a plan is refused: the stream is being captured, which goes on; plans must be created before a "
              "capture begins");
    EXPECT_TRUE(fake_.end_capture(stream(1)).valid);
  }
  ASSERT_EQ(linear(stream(1)), GEMMACT_OK);
  fake_.begin_capture(stream(1));
  EXPECT_EQ(linear(stream(1)), GEMMACT_OK) << message_;
  EXPECT_EQ(fake_.end_capture(stream(1)).launches, 1);
}

// The interface's gemmact_linear lists no residual; this is what it does for a plan that needs a workspace.
TEST_F(gpu_captures, workspaces_of_linear_are_the_devices) {
  sample_layer layer = forward_layer();
  layer.add(GEMMACT_RESIDUAL);
  api::linear_plan plan(std::unique_ptr<gemmact_plan>(make_plan(layer).release()));
  sample_run memory(layer);
  fake_.forget();
  plan.run(*memory.link(), stream(5));
  EXPECT_EQ(fake_.count(call::cuMemAllocAsync), 1);
  EXPECT_EQ(fake_.count(call::cuMemsetD8Async), 1);
  EXPECT_EQ(fake_.count(call::cuMemFreeAsync), 1);
  EXPECT_NE(params_of(fake_.launches.at(0)).workspace, nullptr);
  EXPECT_NE(params_of(fake_.launches.at(0)).workspace, memory.workspace);
  EXPECT_TRUE(fake_.memory.empty());
  const auto failed = [&](gemmact_status status) {
    return refusal(status, [&] { plan.run(*memory.link(), stream(5)); });
  };
  for (call function : {call::cuMemsetD8Async, call::cuLaunchKernelEx}) {
    fake_.fail_next(function, 1);
    failed(GEMMACT_DEVICE_FAILED);
    EXPECT_TRUE(fake_.memory.empty()) << "what was taken is given back";
  }
  fake_.fail_next(call::cuMemAllocAsync, 2);
  expect_part(failed(GEMMACT_OUT_OF_MEMORY), "allocating a workspace of 4096 bytes failed");
  fake_.begin_capture(stream(5));
  expect_part(failed(GEMMACT_STREAM_CAPTURING), "allocating a workspace is refused");
  EXPECT_TRUE(fake_.end_capture(stream(5)).valid);
}

}  // namespace
}  // namespace gemmact::test

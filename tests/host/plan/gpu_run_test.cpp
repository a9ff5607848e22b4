// Plans and runs on a fake GPU: what the driver is asked to do, and what it is not.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "tests/host/plan/gpu_fixture.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

class gpu_runs : public gpu_fixture {};

TEST_F(gpu_runs, a_run_is_one_launch_and_nothing_else) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 1);
  sample_run memory(layer);
  fake_.forget();
  ASSERT_EQ(run(plan.get(), memory, stream(7)), GEMMACT_OK) << message_;
  EXPECT_EQ(fake_.count(call::cuLaunchKernelEx), 1);
  EXPECT_EQ(loads_and_allocations(), 0);
  // The rest is the current context; the interface has no function that waits.
  EXPECT_EQ(fake_.count_all(), 1 + fake_.count(call::cuCtxGetCurrent) + fake_.count(call::cuCtxPushCurrent) +
                                   fake_.count(call::cuCtxPopCurrent));
  const fake_cuda::launch& l = fake_.launches.at(0);
  EXPECT_EQ(l.kernel, "toy_64x64");
  EXPECT_EQ(l.stream, stream(7));
  EXPECT_EQ(l.threads, 256u);
  EXPECT_EQ(l.shared_bytes, 98u * 1024);
  EXPECT_EQ(l.grid[0], 2u);
  EXPECT_EQ(l.cluster, 1u);
  const toy::params p = params_of(l);
  EXPECT_EQ(p.m, 5);
  EXPECT_EQ(p.n, 7);
  EXPECT_EQ(p.k, 3);
  EXPECT_EQ(p.x, memory.at(GEMMACT_X).data);
  EXPECT_EQ(p.y, memory.at(GEMMACT_Y).data);
  EXPECT_EQ(p.bias, memory.at(GEMMACT_BIAS).data);
}

TEST_F(gpu_runs, m_of_the_run_and_launch_attributes) {
  sample_layer layer = forward_layer();
  layer.problem.m = 1000;
  layer.problem.flags = GEMMACT_VARIABLE_M | GEMMACT_BATCH_INVARIANT;
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  memory.operands.m = 65;
  ASSERT_EQ(run(plan.get(), memory), GEMMACT_OK) << message_;
  const fake_cuda::launch& l = fake_.launches.at(0);
  EXPECT_EQ(l.cluster, 2u);
  EXPECT_TRUE(l.overlaps_previous);
  EXPECT_EQ(l.grid[0], 4u);
  EXPECT_EQ(l.stream, nullptr);
  EXPECT_EQ(params_of(l).m, 65);
}

TEST_F(gpu_runs, the_callers_context_stays) {
  const cuda::driver& driver = cuda::driver::instance();
  sample_layer layer = forward_layer();
  const auto current = [&] {
    cuda::context_handle now = nullptr;
    EXPECT_EQ(driver.call.cuCtxGetCurrent(&now), 0);
    return now;
  };
  auto* other = reinterpret_cast<cuda::context_handle>(uintptr_t(0x777));
  for (auto* before : {static_cast<cuda::context_handle>(nullptr), other}) {
    if (before != nullptr) driver.call.cuCtxPushCurrent(before);
    const std::unique_ptr<gemmact_context> own = make_context({folder_ / "toy.pack"});
    gemmact_plan* plan = nullptr;
    ASSERT_EQ(gemmact_plan_create(own.get(), layer.link(), &plan), GEMMACT_OK) << gemmact_last_error();
    EXPECT_EQ(current(), before);
    sample_run memory(layer);
    EXPECT_EQ(run(plan, memory), GEMMACT_OK);
    EXPECT_EQ(current(), before);
    fake_.fail_next(call::cuLaunchKernelEx, 1);
    EXPECT_EQ(run(plan, memory), GEMMACT_DEVICE_FAILED);
    EXPECT_EQ(current(), before) << "after a failure, too";
    gemmact_plan_destroy(plan);
  }
  cuda::context_handle popped = nullptr;
  driver.call.cuCtxPopCurrent(&popped);
  EXPECT_EQ(popped, other);
  // Where it is current already, it is not pushed.
  const cuda::context::scope mine(*here_);
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  fake_.forget();
  EXPECT_EQ(run(plan.get(), memory), GEMMACT_OK);
  EXPECT_EQ(fake_.count(call::cuCtxPushCurrent), 0);
}

TEST_F(gpu_runs, a_failed_launch_says_whether_the_device_is_usable) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  fake_.fail_next(call::cuLaunchKernelEx, 701);
  EXPECT_EQ(run(plan.get(), memory), GEMMACT_DEVICE_FAILED);
  EXPECT_EQ(
      message_,
      "launching toy_64x64 (2 x 1 x 1 blocks of 256 threads and 100352 bytes of shared memory) failed: "
      "cuLaunchKernelEx says CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (the driver's words); the device can still be used");
  EXPECT_EQ(run(plan.get(), memory), GEMMACT_OK) << "and it is";
  EXPECT_TRUE(memory.untouched());
}

TEST_F(gpu_runs, a_sticky_error_is_told_from_ours) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  fake_.fail_next(call::cuLaunchKernelEx, 700);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run(plan.get(), memory), GEMMACT_DEVICE_FAULT);
    expect_part(message_,
                "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered); this is a fault of "
                "earlier work on the GPU, not of this call");
    expect_part(message_, "must be restarted");
  }
  layer.problem.m = 1000;
  layer.problem.n = 1000;  // another kernel
  make_plan(layer, GEMMACT_DEVICE_FAULT);
}

TEST_F(gpu_runs, errors_of_loading) {
  sample_layer layer = forward_layer();
  struct row {
    call function;
    int code;
    gemmact_status status;
    const char* says;
  };
  const row rows[] = {
      {call::cuLibraryLoadData, 209, GEMMACT_DEVICE_FAILED, "cuLibraryLoadData says CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {call::cuLibraryLoadData, 200, GEMMACT_DEVICE_FAILED, "(compiled by no compiler; the driver is for CUDA 12.4)"},
      {call::cuLibraryLoadData, 2, GEMMACT_OUT_OF_MEMORY, "loading kernel toy_64x64"},
      {call::cuLibraryGetKernel, 500, GEMMACT_DEVICE_FAILED, "cuLibraryGetKernel says CUDA_ERROR_NOT_FOUND"},
      {call::cuKernelGetFunction, 900, GEMMACT_STREAM_CAPTURING, "plans must be created before a capture begins"},
      {call::cuFuncLoad, 2, GEMMACT_OUT_OF_MEMORY, "cuFuncLoad"},
      {call::cuFuncSetAttribute, 1, GEMMACT_DEVICE_FAILED, "cuFuncSetAttribute says CUDA_ERROR_INVALID_VALUE"},
      {call::cuCtxGetCurrent, 4, GEMMACT_DEVICE_FAILED, "cuCtxGetCurrent says CUDA_ERROR_DEINITIALIZED"},
      {call::cuCtxPushCurrent, 201, GEMMACT_DEVICE_FAILED, "cuCtxPushCurrent says CUDA_ERROR_INVALID_CONTEXT"},
  };
  for (const row& r : rows) {
    fake_.fail_next(r.function, r.code);
    EXPECT_EQ(make_plan(layer, r.status), nullptr);
    expect_part(message_, r.says);
    EXPECT_EQ(fake_.libraries, 0) << "nothing of a failed load stays";
  }
  EXPECT_NE(make_plan(layer), nullptr) << "none of these spoils the context";
}

TEST_F(gpu_runs, plans_share_their_kernel) {
  sample_layer layer = forward_layer();
  const plan_handle a = make_plan(layer);
  layer.problem.k = 30;
  const plan_handle b = make_plan(layer);
  EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 1);
  std::vector<const gemmact_problem*> many(20, layer.link());
  EXPECT_EQ(gemmact_context_prewarm(context_.get(), many.data(), many.size(), 8), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 1);
}

// A context's first plans, made by several threads at once: each kernel is loaded once, and all are let go.
TEST_F(gpu_runs, prewarming_loads_on_several_threads) {
  sample_layer small = forward_layer(), large = forward_layer();
  large.problem.m = large.problem.n = 1000;
  std::vector<const gemmact_problem*> all;
  for (int i = 0; i < 8; ++i) all.insert(all.end(), {small.link(), large.link()});
  for (int round = 0; round < 30; ++round) {
    fake_.forget();
    context_ = make_context({folder_ / "toy.pack"});
    EXPECT_EQ(gemmact_context_prewarm(context_.get(), all.data(), all.size(), 8), GEMMACT_OK) << gemmact_last_error();
    EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 2);
    make_plan(small), make_plan(large);
    EXPECT_EQ(fake_.count(call::cuLibraryLoadData), 2);
  }
}

TEST_F(gpu_runs, workspaces_are_zeroed_in_the_streams_order) {
  sample_layer layer = forward_layer();
  layer.add(GEMMACT_RESIDUAL);
  const plan_handle plan = make_plan(layer);
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  ASSERT_EQ(gemmact_plan_get_info(plan.get(), &info), GEMMACT_OK);
  EXPECT_EQ(info.workspace_bytes, 4096u);
  EXPECT_STREQ(info.family, "toy");
  EXPECT_STREQ(info.kernel, "toy_64x64");
  sample_run memory(layer);
  ASSERT_EQ(gemmact_workspace_init(plan.get(), memory.workspace, stream(3)), GEMMACT_OK) << gemmact_last_error();
  const auto* bytes = static_cast<const unsigned char*>(memory.workspace);
  EXPECT_TRUE(std::all_of(bytes, bytes + 4096, [](unsigned char c) { return c == 0; }));
  EXPECT_EQ(bytes[4096], sample_run::poison);
  ASSERT_EQ(run(plan.get(), memory, stream(3)), GEMMACT_OK) << message_;
  EXPECT_EQ(params_of(fake_.launches.at(0)).workspace, memory.workspace);
}

// One context, sixteen threads. ThreadSanitizer has the last word (preset tsan).
TEST_F(gpu_runs, sixteen_threads) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  fake_.forget();
  fake_.records = false;
  constexpr int threads = 16;
  const int rounds = int(case_count(1000));  // in full 10,000
  std::atomic<int> wrong{0};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      sample_layer own = forward_layer();
      own.problem.m = 1 + t;
      sample_run memory(layer, 4096), own_memory(own, 4096);
      for (int i = 0; i < rounds; ++i) {
        wrong += gemmact_run(plan.get(), memory.link(), nullptr, stream(uintptr_t(t + 1))) != GEMMACT_OK;
        if (i % 50 != 0) continue;
        gemmact_plan* mine = nullptr;
        wrong += gemmact_plan_create(context_.get(), own.link(), &mine) != GEMMACT_OK;
        wrong += mine == nullptr || gemmact_run(mine, own_memory.link(), nullptr, nullptr) != GEMMACT_OK;
        gemmact_plan_destroy(mine);
      }
    });
  for (std::thread& t : all) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(fake_.count(call::cuLaunchKernelEx), threads * (rounds + rounds / 50));
  EXPECT_LE(fake_.count(call::cuLibraryLoadData), 1);
}

template <class Call>
double median_us(const Call& call) {
  constexpr int calls = 20, batches = 501;
  std::vector<double> us;
  for (int b = 0; b < batches; ++b) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) call();
    us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / calls);
  }
  std::nth_element(us.begin(), us.begin() + batches / 2, us.end());
  return us[batches / 2];
}

TEST_F(gpu_runs, overhead) {
  sample_layer layer = forward_layer();
  layer.problem.m = layer.problem.n = layer.problem.k = 64;
  layer.add(GEMMACT_RESIDUAL);
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  memory.link();
  fake_.records = false;
  const double us = median_us([&] { gemmact_run(plan.get(), &memory.operands, memory.workspace, nullptr); });
  fmt::print("gemmact_run over the fake driver: {:.2f} us in the median (limit 3 us)\n", us);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(NDEBUG)
  EXPECT_LE(us, 3) << "the fake's own time included";
#endif
}

}  // namespace
}  // namespace gemmact::test

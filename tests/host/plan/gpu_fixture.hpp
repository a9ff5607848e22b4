// A context of the C interface on a fake GPU with the toy families, whose kernels come from a pack.
#pragma once
#include <gtest/gtest.h>

#include <memory>

#include "host/api/handles.hpp"
#include "host/plan/gpu_device.hpp"
#include "host/plan/gpu_facts.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/fake_cuda/loaded.hpp"
#include "tests/support/toy_family.hpp"

namespace gemmact::test {

using call = fake_cuda::function;

inline void* stream(uintptr_t number) { return reinterpret_cast<void*>(number * 0x100); }

class gpu_fixture : public ::testing::Test {
 protected:
  void SetUp() override {
    fake_.forget();
    toy::write_pack(folder_ / "toy.pack", "sm_90");
    here_ = &cuda::context::open(cuda::driver::instance(), 0);
    context_ = make_context({folder_ / "toy.pack"});
    fake_.forget();
  }
  void TearDown() override {
    fake_.forget();
    context_.reset();
    EXPECT_EQ(fake_.libraries, 0) << "kernels are unloaded with their context";
    EXPECT_TRUE(fake_.memory.empty());
    EXPECT_EQ(fake_.events, 0);
  }

  std::unique_ptr<gemmact_context> make_context(std::vector<std::string> packs,
                                                const char* nvrtc = "/nonexistent/libnvrtc.so") {
    jit::compiler_options options;
    options.packs = std::move(packs);
    options.nvrtc = nvrtc;
    auto context = std::make_unique<gemmact_context>();
    context->text = "cuda:0";
    context->device =
        std::make_unique<plan::gpu_device>(plan::gpu_of(here_->facts()), here_, toy::rows(), std::move(options));
    return context;
  }

  struct destroy {
    void operator()(gemmact_plan* plan) const { gemmact_plan_destroy(plan); }
  };
  using plan_handle = std::unique_ptr<gemmact_plan, destroy>;

  plan_handle make_plan(sample_layer& layer, gemmact_status expected = GEMMACT_OK) {
    gemmact_plan* plan = nullptr;
    EXPECT_EQ(gemmact_plan_create(context_.get(), layer.link(), &plan), expected) << gemmact_last_error();
    message_ = gemmact_last_error();
    return plan_handle(plan);
  }

  gemmact_status run(const gemmact_plan* plan, sample_run& run, void* on = nullptr) {
    const gemmact_status status = gemmact_run(plan, run.link(), run.workspace, on);
    message_ = gemmact_last_error();
    return status;
  }

  toy::params params_of(const fake_cuda::launch& l) const {
    toy::params p{};
    EXPECT_EQ(l.params.size(), sizeof p);
    std::memcpy(&p, l.params.data(), std::min(sizeof p, l.params.size()));
    return p;
  }

  // What must not happen in a run.
  int loads_and_allocations() const {
    return fake_.count(call::cuLibraryLoadData) + fake_.count(call::cuKernelGetFunction) +
           fake_.count(call::cuFuncLoad) + fake_.count(call::cuFuncSetAttribute) + fake_.count(call::cuMemAllocAsync) +
           fake_.count(call::cuMemFreeAsync) + fake_.count(call::cuMemsetD8Async) +
           fake_.count(call::cuThreadExchangeStreamCaptureMode);
  }

  temporary_folder folder_;
  fake_cuda::state& fake_ = fake_cuda::loaded();
  const cuda::context* here_ = nullptr;
  std::unique_ptr<gemmact_context> context_;
  std::string message_;
};

}  // namespace gemmact::test

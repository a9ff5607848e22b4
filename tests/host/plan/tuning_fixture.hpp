// Toy kernels whose times a test chooses, and a cache on the disk for what is measured of them.
#pragma once
#include <functional>
#include <map>

#include "host/plan/explain.hpp"
#include "host/plan/functions.hpp"
#include "tests/host/plan/gpu_fixture.hpp"

namespace gemmact::test {

class tuning_fixture : public gpu_fixture {
 protected:
  void SetUp() override {
    gpu_fixture::SetUp();
    fake_.launch_us = 0;
    fake_.run = [this](fake_cuda::state& s, const std::string&, const fake_cuda::launch& l, const void* params) {
      order_.push_back(l.kernel);
      if (before_raw_) before_raw_(l.kernel, params);
      toy::params p{};
      if (before_) before_((std::memcpy(&p, params, sizeof p), p));
      s.now_us += us_(l.kernel, ++launches_[l.kernel]);
      return result_(l.kernel, launches_[l.kernel]);
    };
    reopen();
  }
  void TearDown() override {
    ::unsetenv("GEMMACT_PLAN");
    fake_.run = nullptr;
    fake_.launch_us = 10;
    gpu_fixture::TearDown();
  }

  // As another process would: what the last context held in memory is gone.
  void reopen(int multiprocessors = 132) {
    jit::compiler_options options;
    options.packs = {folder_ / "toy.pack"};
    options.nvrtc = "/nonexistent/libnvrtc.so";
    options.cache_dir = folder_ / "cache";
    open(std::move(options), multiprocessors);
  }
  void open(jit::compiler_options options, int multiprocessors = 132) {
    families::gpu facts = plan::gpu_of(here_->facts());
    facts.l2_bytes = 1024;  // which the tuner fills before each run
    facts.multiprocessors = multiprocessors;
    context_ = std::make_unique<gemmact_context>();
    context_->text = "cuda:0";
    context_->device = std::make_unique<plan::gpu_device>(facts, here_, toy::rows(), std::move(options));
  }

  gemmact_status tune(sample_layer& layer, double budget_ms = 1) {
    sample_run memory(layer);
    launches_.clear(), order_.clear();
    const gemmact_status status = gemmact_tune(context_.get(), layer.link(), memory.link(), budget_ms);
    message_ = gemmact_last_error();
    EXPECT_TRUE(memory.untouched());
    return status;
  }
  std::string kernel_of(sample_layer& layer) {
    const plan_handle plan = make_plan(layer);
    return plan == nullptr ? "" : plan->executable->kernel_name();
  }
  std::string explanation(sample_layer& layer) {
    return plan::explain("cuda:0", *context_->device, layer.link(), plan::functions());
  }

  // Of a kernel's launch by its number, from 1 (which is not counted): how long it takes, and what the driver says of it.
  std::function<double(const std::string&, int)> us_ = [](const std::string&, int) { return 10.0; };
  std::function<int(const std::string&, int)> result_ = [](const std::string&, int) { return 0; };
  std::function<void(const toy::params&)> before_;
  std::function<void(const std::string& kernel, const void* params)> before_raw_;
  std::map<std::string, int> launches_;  // of the last tuning
  std::vector<std::string> order_;

  // Each kernel always takes as long; the others 40 us.
  void set_times(std::map<std::string, double> us) {
    us_ = [us = std::move(us)](const std::string& kernel, int) {
      const auto found = us.find(kernel);
      return found == us.end() ? 40 : found->second;
    };
  }
};

}  // namespace gemmact::test

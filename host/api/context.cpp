#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include "host/api/guard.hpp"
#include "host/api/handles.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"
#include "host/plan/devices.hpp"

using namespace gemmact;

namespace {

// Makes the plan of each problem; several threads take problems one by one. Failures stay with their problem.
class prewarming {
 public:
  prewarming(const core::device& device, const gemmact_problem* const* problems, size_t count)
      : device_(device), problems_(problems), failures_(count) {}

  void work(unsigned threads) {
    std::vector<std::thread> helpers;
    size_t wanted = std::min<size_t>(threads, failures_.size());
    try {
      while (helpers.size() + 1 < wanted) helpers.emplace_back([this] { take(); });
    } catch (const std::exception&) {
      // No more threads or no memory for them: fewer than asked for do the same work.
    }
    take();
    for (std::thread& helper : helpers) helper.join();
  }

  void rethrow_first() const {
    for (size_t i = 0; i < failures_.size(); ++i) {
      if (!failures_[i]) continue;
      try {
        std::rethrow_exception(failures_[i]);
      } catch (const core::failure& f) {
        core::fail(f.status(), "problems[{}]: {}", i, f.message());
      }
    }
  }

 private:
  void take() {
    for (size_t i = next_++; i < failures_.size(); i = next_++) {
      try {
        api::require(problems_[i], "the problem");
        api::make_plan(device_, problems_[i]);
      } catch (...) {
        failures_[i] = std::current_exception();
      }
    }
  }

  const core::device& device_;
  const gemmact_problem* const* problems_;
  std::vector<std::exception_ptr> failures_;
  std::atomic<size_t> next_{0};
};

}  // namespace

gemmact_status gemmact_context_create(const char* device, gemmact_context** context) {
  return api::guard([&] {
    api::require(context, "context");
    *context = nullptr;
    api::require(device, "device");
    auto made = std::make_unique<gemmact_context>();
    constexpr size_t longest = 1024;
    made->text = std::string(device, strnlen(device, longest));
    made->device = plan::open_device(made->text);
    *context = made.release();
  });
}

void gemmact_context_destroy(gemmact_context* context) { delete context; }

gemmact_status gemmact_context_get_info(const gemmact_context* context, gemmact_device_info* info) {
  return api::guard([&] {
    api::require(context, "context");
    api::require(info, "info");
    gemmact_device_info filled{};
    core::copy_text(filled.device, context->text);
    core::copy_text(filled.description, context->device->description());
    filled.can_run = context->device->can_run();
    filled.threads = static_cast<uint32_t>(context->device->threads());
    core::fill_struct("gemmact_device_info", info, filled, {sizeof filled});
  });
}

gemmact_status gemmact_context_prewarm(gemmact_context* context, const gemmact_problem* const* problems, size_t count,
                                       uint32_t threads) {
  return api::guard([&] {
    api::require(context, "context");
    if (count == 0) return;
    api::require(problems, "problems");
    prewarming all(*context->device, problems, count);
    all.work(threads == 0 ? std::thread::hardware_concurrency() : threads);
    all.rethrow_first();
  });
}

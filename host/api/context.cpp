#include <cstring>

#include "host/api/guard.hpp"
#include "host/api/handles.hpp"
#include "host/core/parallel.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"
#include "host/plan/devices.hpp"

using namespace gemmact;

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
    core::for_each_parallel(count, threads, "problems", [&](size_t i) {
      api::require(problems[i], "the problem");
      api::make_plan(*context->device, problems[i]);
    });
  });
}

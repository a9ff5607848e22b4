#include <array>
#include <cmath>

#include "host/api/guard.hpp"
#include "host/api/handles.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"
#include "host/plan/explain.hpp"
#include "host/plan/families.hpp"
#include "host/plan/functions.hpp"

using namespace gemmact;

namespace gemmact::api {

std::unique_ptr<gemmact_plan> make_plan(const core::device& device, const gemmact_problem* problem,
                                        bool avoids_workspace) {
  auto made = std::make_unique<gemmact_plan>();
  made->problem = core::check_problem(problem, plan::functions());
  made->problem.avoids_workspace = avoids_workspace;
  made->executable = plan::compile(device, made->problem);
  made->workspace_bytes = made->executable->workspace_bytes();
  made->can_run = device.can_run();
  made->has_streams = device.has_streams();
  return made;
}

namespace {

void check_stream(const gemmact_plan& plan, const void* stream) {
  if (stream != nullptr && !plan.has_streams)
    core::fail(GEMMACT_BAD_BINDING, "stream is {}; this device has no streams and takes null", stream);
}

void check_can_run(const gemmact_plan& plan) {
  if (!plan.can_run)
    core::fail(GEMMACT_NO_DEVICE, "the plan's device is only described, not on this machine; it cannot run");
}

}  // namespace

void run_plan(const gemmact_plan& plan, const gemmact_operands* operands, void* workspace, void* stream) {
  check_can_run(plan);
  std::array<void*, core::max_tensors> data;
  core::run_operands run = core::check_operands(plan.problem, operands, data.data());
  // operands is not null here, and a smaller, older struct has no workspace_bytes.
  size_t bytes = core::struct_bytes_of(operands);
  size_t given = core::copy_struct<gemmact_operands>(operands, bytes).workspace_bytes;
  core::check_workspace(plan.problem, run, workspace, plan.workspace_bytes, given);
  check_stream(plan, stream);
  plan.executable->run(run, workspace, stream);
}

core::tuning_result tune(const core::device& device, const gemmact_problem* problem, const gemmact_operands* operands,
                         const core::tuning_wish& wish) {
  const std::unique_ptr<gemmact_plan> plan = make_plan(device, problem);
  check_can_run(*plan);
  std::array<void*, core::max_tensors> data;
  const core::run_operands run = core::check_operands(plan->problem, operands, data.data());
  return device.tune(plan->problem, run, wish);
}

}  // namespace gemmact::api

namespace {

int64_t kept_bytes(const core::problem& p) {
  int64_t bytes = 0;
  for (const core::tensor& t : p.tensors)
    if (t.slot == GEMMACT_KEPT) bytes += core::tensor_bytes(t, p.batch);
  return bytes;
}

}  // namespace

gemmact_status gemmact_resolve_keep(const gemmact_problem* problem, gemmact_keep* keep, gemmact_type* type) {
  return api::guard([&] {
    api::require(problem, "problem");
    api::require(keep, "keep");
    api::require(type, "type");
    core::kept_form form = core::resolve_keep(problem, plan::functions());
    *keep = form.keep;
    *type = form.type;
  });
}

gemmact_status gemmact_problem_explain(gemmact_context* context, const gemmact_problem* problem, char* text,
                                       size_t* bytes) {
  return api::guard([&] {
    api::require(context, "context");
    api::require(problem, "problem");
    api::require(bytes, "bytes");
    if (*bytes != 0) api::require(text, "text");
    core::write_text(plan::explain(context->text, *context->device, problem, plan::functions()), text, bytes);
  });
}

gemmact_status gemmact_plan_create(gemmact_context* context, const gemmact_problem* problem, gemmact_plan** plan) {
  return api::guard([&] {
    api::require(plan, "plan");
    *plan = nullptr;
    api::require(context, "context");
    api::require(problem, "problem");
    *plan = api::make_plan(*context->device, problem).release();
  });
}

void gemmact_plan_destroy(gemmact_plan* plan) { delete plan; }

gemmact_status gemmact_plan_get_info(const gemmact_plan* plan, gemmact_plan_info* info) {
  return api::guard([&] {
    api::require(plan, "plan");
    api::require(info, "info");
    gemmact_plan_info filled{};
    filled.workspace_bytes = plan->workspace_bytes;
    filled.kept_bytes = static_cast<size_t>(kept_bytes(plan->problem));
    filled.launches = static_cast<uint32_t>(plan->executable->launches());
    filled.keep = plan->problem.keep;
    filled.keep_type = plan->problem.keep_type;
    filled.keep_below = plan->problem.keep_below;
    core::copy_text(filled.family, plan->executable->family());
    core::copy_text(filled.kernel, plan->executable->kernel_name());
    core::fill_struct("gemmact_plan_info", info, filled, {sizeof filled});
  });
}

gemmact_status gemmact_tune(gemmact_context* context, const gemmact_problem* problem, const gemmact_operands* operands,
                            double budget_ms) {
  return api::guard([&] {
    api::require(context, "context");
    api::require(problem, "problem");
    api::require(operands, "operands");
    if (!std::isfinite(budget_ms) || budget_ms < 0)
      core::fail(GEMMACT_BAD_SIZE, "budget_ms is {}; it must be a number of at least 0", budget_ms);
    api::tune(*context->device, problem, operands, {budget_ms, false});
  });
}

gemmact_status gemmact_workspace_init(const gemmact_plan* plan, void* workspace, void* stream) {
  return api::guard([&] {
    api::require(plan, "plan");
    api::check_stream(*plan, stream);
    if (plan->workspace_bytes == 0) return;
    api::require(workspace, "workspace");
    if (reinterpret_cast<uintptr_t>(workspace) % core::workspace_alignment != 0)
      core::fail(GEMMACT_MISALIGNED, "workspace is at {}, which is no multiple of {} bytes", workspace,
                 core::workspace_alignment);
    plan->executable->workspace_init(workspace, stream);
  });
}

gemmact_status gemmact_run(const gemmact_plan* plan, const gemmact_operands* operands, void* workspace, void* stream) {
  return api::guard([&] {
    api::require(plan, "plan");
    api::run_plan(*plan, operands, workspace, stream);
  });
}

// What the opaque handles of the C interface are.
#pragma once
#include <memory>
#include <string>

#include "host/api/linear_cache.hpp"
#include "host/core/device.hpp"
#include "host/core/problem.hpp"

struct gemmact_plan {
  gemmact::core::problem problem;
  std::unique_ptr<gemmact::core::executable> executable;
  size_t workspace_bytes = 0;                 // the executable's, asked once
  bool can_run = false, has_streams = false;  // the device's
};

struct gemmact_context {
  std::string text;  // as it was opened
  std::unique_ptr<gemmact::core::device> device;
  gemmact::api::linear_cache linear;
};

namespace gemmact::api {

// A plan on this device. Throws core::failure.
std::unique_ptr<gemmact_plan> make_plan(const core::device& device, const gemmact_problem* problem,
                                        bool avoids_workspace = false);

// A run with everything checked. Throws core::failure, before anything is written.
void run_plan(const gemmact_plan& plan, const gemmact_operands* operands, void* workspace, void* stream);

// gemmact_tune, with what it has seen. Throws core::failure.
core::tuning_result tune(const core::device& device, const gemmact_problem* problem, const gemmact_operands* operands,
                         const core::tuning_wish& wish);

}  // namespace gemmact::api

// How the answers of kernel families read, and which of them makes a plan.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/core/device.hpp"

namespace gemmact::plan {

// GEMMACT_PLAN: "family", or "family:tile" for one of its configurations; both empty when it is not set.
struct plan_override {
  std::string_view family, tile;
};
plan_override wanted_plan();

// Throws NOT_SUPPORTED where GEMMACT_PLAN names what the device does not offer, or a family that refuses the problem.
void check_override(const std::vector<core::offer>& offers);

// The device's choice for a problem. Throws failure when no family takes it, and when GEMMACT_PLAN names one that the
// device does not offer or that refuses.
std::unique_ptr<core::executable> compile(const core::device& device, const core::problem& p);

}  // namespace gemmact::plan

// The kernel families of this version, and how their answers read.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/core/device.hpp"

namespace gemmact::plan {

struct family {
  const char* name;
  const char* where;  // what it runs on
  const char* what;
};

std::span<const family> families();

// "cpu (it runs on …); …": those that refuse, with their reasons.
std::string refusals(const std::vector<core::offer>& offers);

// The device's choice for a problem. Throws failure when no family takes it, and when GEMMACT_PLAN names one that the
// device does not offer or that refuses.
std::unique_ptr<core::executable> compile(const core::device& device, const core::problem& p);

}  // namespace gemmact::plan

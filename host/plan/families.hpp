// How the answers of kernel families read, and which of them makes a plan.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/core/device.hpp"

namespace gemmact::plan {

// GEMMACT_PLAN: what may take a problem, separated by commas: "family", or "family:tile" for one of its configurations;
// empty when it is not set, and then everything may.
class plan_override {
 public:
  struct entry {
    std::string_view family, tile;
  };
  plan_override() = default;
  explicit plan_override(std::string_view text) : text_(text) {}

  bool empty() const { return text_.empty(); }
  std::vector<entry> entries() const;
  bool allows(std::string_view family, std::string_view tile) const;

 private:
  std::string_view text_;
};
plan_override wanted_plan();

// Throws NOT_SUPPORTED where GEMMACT_PLAN names what the device does not offer, or only families that refuse the problem.
void check_override(const std::vector<core::offer>& offers);

// The device's choice for a problem. Throws failure when no family takes it, and when GEMMACT_PLAN names one that the
// device does not offer or that refuses.
std::unique_ptr<core::executable> compile(const core::device& device, const core::problem& p);

}  // namespace gemmact::plan

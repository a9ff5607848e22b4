#include "host/plan/families.hpp"

#include "host/core/environment.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"

namespace gemmact::plan {
namespace {

constexpr family rows[] = {
#define GEMMACT_FAMILY(name, where, what) {#name, where, what},
#include "host/plan/families.inc"
#undef GEMMACT_FAMILY
};

void check_override(const core::device& device, const core::problem& p) {
  std::string_view wanted = core::environment_value("GEMMACT_PLAN");
  if (wanted.empty()) return;
  std::string names;
  for (const core::offer& o : device.offers(p)) {
    if (o.family != wanted) {
      names += (names.empty() ? "" : ", ") + o.family;
      continue;
    }
    if (o.refusal.empty()) return;
    core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, and that family refuses the problem: {}",
               core::quoted(wanted), o.refusal);
  }
  core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, but this device has only the families: {}",
             core::quoted(wanted), names);
}

}  // namespace

std::span<const family> families() { return rows; }

std::string refusals(const std::vector<core::offer>& offers) {
  std::string text;
  for (const core::offer& o : offers)
    if (!o.refusal.empty()) text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", o.family, o.refusal);
  return text;
}

std::unique_ptr<core::executable> compile(const core::device& device, const core::problem& p) {
  check_override(device, p);
  std::unique_ptr<core::executable> e = device.compile(p);
  if (e->launches() != 1 && !p.has(GEMMACT_ALLOW_UNFUSED))
    core::fail(GEMMACT_INTERNAL, "{} takes {} launches, and the problem has no GEMMACT_ALLOW_UNFUSED", e->kernel_name(),
               e->launches());
  return e;
}

}  // namespace gemmact::plan

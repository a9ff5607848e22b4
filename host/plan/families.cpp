#include "host/plan/families.hpp"

#include "host/core/environment.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"

namespace gemmact::plan {

plan_override wanted_plan() {
  const std::string_view text = core::environment_value("GEMMACT_PLAN");
  const size_t colon = text.find(':');
  if (colon == text.npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

void check_override(const std::vector<core::offer>& offers) {
  if (core::environment_value("GEMMACT_PLAN").empty()) return;
  const plan_override wanted = wanted_plan();
  const std::string text = core::quoted(core::environment_value("GEMMACT_PLAN"));
  std::string names, tiles;
  for (const core::offer& o : offers) {
    names += (names.empty() ? "" : ", ") + o.family;
    if (o.family != wanted.family) continue;
    if (!o.refusal.empty())
      core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, and that family refuses the problem: {}", text, o.refusal);
    if (wanted.tile.empty()) return;
    for (const std::string& tile : o.tiles) {
      if (tile == wanted.tile) return;
      tiles += (tiles.empty() ? "" : ", ") + tile;
    }
    core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, but that family offers for this problem {}", text,
               tiles.empty() ? "no choice of a tile" : "the tiles: " + tiles);
  }
  core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, but this device has only the families: {}", text, names);
}

std::unique_ptr<core::executable> compile(const core::device& device, const core::problem& p) {
  if (!core::environment_value("GEMMACT_PLAN").empty()) check_override(device.offers(p));
  std::unique_ptr<core::executable> e = device.compile(p);
  if (e->launches() != 1 && !p.has(GEMMACT_ALLOW_UNFUSED))
    core::fail(GEMMACT_INTERNAL, "{} takes {} launches, and the problem has no GEMMACT_ALLOW_UNFUSED", e->kernel_name(),
               e->launches());
  return e;
}

}  // namespace gemmact::plan

#include "host/plan/families.hpp"

#include <algorithm>

#include "host/core/environment.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"

namespace gemmact::plan {

std::vector<plan_override::entry> plan_override::entries() const {
  std::vector<entry> all;
  for (std::string_view rest = text_; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, comma);
    const size_t colon = std::min(one.find(':'), one.size());
    all.push_back({one.substr(0, colon), one.substr(std::min(colon + 1, one.size()))});
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return all;
}

bool plan_override::allows(std::string_view family, std::string_view tile) const {
  if (empty()) return true;
  const std::vector<entry> all = entries();
  return std::any_of(all.begin(), all.end(),
                     [&](const entry& e) { return e.family == family && (e.tile.empty() || e.tile == tile); });
}

plan_override wanted_plan() { return plan_override(core::environment_value("GEMMACT_PLAN")); }

namespace {

// Why a family, or its tile where one is told, does not take the problem, or nothing.
std::string refuse_entry(std::string_view tile, const core::offer& o) {
  if (!o.refusal.empty()) return "that family refuses the problem: " + o.refusal;
  if (tile.empty() || std::find(o.tiles.begin(), o.tiles.end(), tile) != o.tiles.end()) return "";
  std::string tiles;
  for (const std::string& there : o.tiles) tiles += (tiles.empty() ? "" : ", ") + there;
  return "that family offers for this problem " +
         (tiles.empty() ? std::string("no choice of a tile") : "the tiles: " + tiles);
}

}  // namespace

void check_override(const std::vector<core::offer>& offers) {
  const std::string text = core::quoted(core::environment_value("GEMMACT_PLAN"));
  std::string reasons, first, names;
  for (const core::offer& o : offers) names += (names.empty() ? "" : ", ") + o.family;
  int count = 0;
  bool refused = false, taken = false;
  for (const plan_override::entry& wanted : wanted_plan().entries()) {
    const auto offer =
        std::find_if(offers.begin(), offers.end(), [&](const core::offer& o) { return o.family == wanted.family; });
    if (offer == offers.end())
      core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, but this device has only the families: {}", text, names);
    const std::string reason = refuse_entry(wanted.tile, *offer);
    taken |= reason.empty();
    refused = !offer->refusal.empty();
    ++count;
    if (!reasons.empty()) reasons += "; " + std::string(wanted.family) + ": ";
    else first = std::string(wanted.family) + ": ";
    reasons += reason;
  }
  if (taken || count == 0) return;
  if (count > 1)
    core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, and none of them takes the problem ({}{})", text, first,
               reasons);
  core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, {} {}", text, refused ? "and" : "but", reasons);
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

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

// Why an entry takes no problem of these offers, or nothing.
std::string refuse_entry(const plan_override::entry& wanted, const std::vector<core::offer>& offers) {
  std::string names, tiles;
  for (const core::offer& o : offers) {
    names += (names.empty() ? "" : ", ") + o.family;
    if (o.family != wanted.family) continue;
    if (!o.refusal.empty()) return "that family refuses the problem: " + o.refusal;
    if (wanted.tile.empty()) return "";
    for (const std::string& tile : o.tiles) {
      if (tile == wanted.tile) return "";
      tiles += (tiles.empty() ? "" : ", ") + tile;
    }
    return "that family offers for this problem " +
           (tiles.empty() ? std::string("no choice of a tile") : "the tiles: " + tiles);
  }
  return "this device has only the families: " + names;
}

}  // namespace

void check_override(const std::vector<core::offer>& offers) {
  std::string reasons, first;
  int count = 0;
  for (const plan_override::entry& wanted : wanted_plan().entries()) {
    const std::string reason = refuse_entry(wanted, offers);
    if (reason.empty()) return;
    ++count;
    if (!reasons.empty()) reasons += "; " + std::string(wanted.family) + ": ";
    else first = std::string(wanted.family) + ": ";
    reasons += reason;
  }
  if (count == 0) return;
  const std::string text = core::quoted(core::environment_value("GEMMACT_PLAN"));
  if (count > 1)
    core::fail(GEMMACT_NOT_SUPPORTED, "GEMMACT_PLAN is {}, and none of them takes the problem ({}{})", text, first,
               reasons);
  const bool refused = reasons.compare(0, 20, "that family refuses ") == 0;
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

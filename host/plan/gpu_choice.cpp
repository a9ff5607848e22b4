#include "host/plan/gpu_choice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/plan/gpu_layer.hpp"

namespace gemmact::plan {

gpu_choice::gpu_choice(std::span<const gpu_family> families, const families::gpu& gpu, const core::problem& p)
    : layer_(gpu_layer(p)), gpu_(gpu), avoids_workspace_(p.avoids_workspace) {
  for (const gpu_family& family : families) {
    gpu_answer answer{&family, family.supports(layer_, gpu), {}};
    if (answer.refusal.empty()) answer.candidates = family.candidates(layer_, gpu);
    answers_.push_back(std::move(answer));
  }
}

std::string gpu_choice::refusals() const {
  std::string text;
  for (const gpu_answer& a : answers_)
    if (!a.refusal.empty()) text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", a.family->name, a.refusal);
  return text;
}

std::vector<gpu_pick> gpu_choice::picks(const plan_override& wanted) const {
  std::vector<gpu_pick> picks;
  for (const gpu_answer& answer : answers_) {
    if (!wanted.family.empty() && wanted.family != answer.family->name) continue;
    for (const families::candidate& c : answer.candidates)
      if (wanted.tile.empty() || wanted.tile == c.tile) picks.push_back({answer.family, &c});
    if (layer_.batch_invariant && !picks.empty()) break;
  }
  std::stable_sort(picks.begin(), picks.end(), [](const gpu_pick& a, const gpu_pick& b) {
    return a.candidate->cost.total < b.candidate->cost.total;
  });
  if (avoids_workspace_)
    std::stable_partition(picks.begin(), picks.end(), [&](const gpu_pick& pick) {
      return pick.family->workspace_bytes(layer_, gpu_, *pick.candidate) == 0;
    });
  return picks;
}

}  // namespace gemmact::plan

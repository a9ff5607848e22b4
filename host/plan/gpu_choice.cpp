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
    refuse_long_code(answer);
    answers_.push_back(std::move(answer));
  }
}

// A kernel has a function's code once for each value that a thread holds. NVRTC takes some seconds for so much of it.
void gpu_choice::refuse_long_code(gpu_answer& answer) const {
  constexpr int most = 24000;
  if (answer.candidates.empty()) return;
  const families::function& f = layer_.what == families::operation::input_grad ? layer_.below : layer_.activation;
  const int length = f.name.empty() || layer_.combined == families::combine::maxout ? 0 : f.length();
  const auto fits = [&](const families::candidate& c) { return int64_t{c.values} * length <= most; };
  const uint32_t least = std::min_element(answer.candidates.begin(), answer.candidates.end(), [](auto& a, auto& b) {
                           return a.values < b.values;
                         })->values;
  std::erase_if(answer.candidates, [&](const families::candidate& c) { return !fits(c); });
  if (answer.candidates.empty())
    answer.refusal = fmt::format(
        "its function takes about {} instructions an element, and a thread computes {} elements at least: more than {} "
        "instructions in a kernel",
        length, least, most);
}

std::string gpu_choice::refusals() const {
  std::string text;
  for (const gpu_answer& a : answers_)
    if (!a.refusal.empty()) text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", a.family->name, a.refusal);
  return text;
}

namespace {

const core::timing* timing_of(const gpu_pick& pick, std::span<const core::timing> timings) {
  const auto found = std::find_if(timings.begin(), timings.end(), [&](const core::timing& t) {
    return t.family == pick.family->name && t.tile == pick.candidate->tile;
  });
  return found == timings.end() ? nullptr : &*found;
}

using pick_iterator = std::vector<gpu_pick>::iterator;

// All of them were timed.
void fastest_first(pick_iterator next, pick_iterator end) {
  for (; next != end; ++next) {
    const core::timing& fastest = *std::min_element(next, end, [](const gpu_pick& a, const gpu_pick& b) {
                                     return a.timing->median < b.timing->median;
                                   })->timing;
    const auto cheapest =
        std::find_if(next, end, [&](const gpu_pick& pick) { return pick.timing->ties_with(fastest); });
    std::rotate(next, cheapest, cheapest + 1);
  }
}

// `picks` come by cost.
void order_by_times(std::vector<gpu_pick>& picks) {
  const auto untimed = std::stable_partition(picks.begin(), picks.end(), [](const gpu_pick& pick) {
    return pick.timing != nullptr && pick.timing->failure.empty();
  });
  std::stable_partition(untimed, picks.end(), [](const gpu_pick& pick) { return pick.timing == nullptr; });
  const auto behind =
      std::stable_partition(picks.begin(), untimed, [](const gpu_pick& pick) { return !pick.timing->behind; });
  fastest_first(picks.begin(), behind);
  fastest_first(behind, untimed);
}

}  // namespace

std::vector<gpu_pick> worth_timing(std::span<const gpu_pick> picks, bool all) {
  const size_t most = all ? picks.size() : 8;
  constexpr double far_dearer = 2;
  std::vector<gpu_pick> worth;
  for (const gpu_pick& pick : picks) {
    const bool familys_first =
        std::none_of(worth.begin(), worth.end(), [&](const gpu_pick& other) { return other.family == pick.family; });
    const bool near = pick.candidate->cost.total <= far_dearer * picks.front().candidate->cost.total;
    if (worth.size() < most || (familys_first && near)) worth.push_back(pick);
  }
  return worth;
}

std::vector<gpu_pick> gpu_choice::picks(const plan_override& wanted, std::span<const core::timing> timings) const {
  std::vector<gpu_pick> picks;
  for (const gpu_answer& answer : answers_) {
    for (const families::candidate& c : answer.candidates)
      if (wanted.allows(answer.family->name, c.tile)) picks.push_back({answer.family, &c, nullptr});
    if (layer_.batch_invariant && !picks.empty()) break;
  }
  std::stable_sort(picks.begin(), picks.end(), [](const gpu_pick& a, const gpu_pick& b) {
    return a.candidate->cost.total < b.candidate->cost.total;
  });
  for (gpu_pick& pick : picks) pick.timing = timing_of(pick, timings);
  order_by_times(picks);
  if (avoids_workspace_)
    std::stable_partition(picks.begin(), picks.end(), [&](const gpu_pick& pick) {
      return pick.family->workspace_bytes(layer_, gpu_, *pick.candidate) == 0;
    });
  return picks;
}

}  // namespace gemmact::plan

// Which family and configuration computes a problem on a GPU.
#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "host/core/device.hpp"
#include "host/core/status.hpp"
#include "host/plan/families.hpp"
#include "host/plan/gpu_family.hpp"

namespace gemmact::plan {

// A family's answer: a refusal, or configurations with the cheapest first.
struct gpu_answer {
  const gpu_family* family;
  std::string refusal;
  std::vector<families::candidate> candidates;
};

struct gpu_pick {
  const gpu_family* family;
  const families::candidate* candidate;
  const core::timing* timing = nullptr;  // what tuning has seen of it
};

class gpu_choice {
 public:
  gpu_choice(std::span<const gpu_family> families, const families::gpu& gpu, const core::problem& p);

  const families::layer& layer() const { return layer_; }
  const std::vector<gpu_answer>& answers() const { return answers_; }
  std::string refusals() const;  // "a (why); b (why)"

  // The configurations that `wanted` allows, the cheapest first; of equally cheap ones the preferred family's. Of those that
  // were timed the fastest come before all others, and of several that tie with the fastest the cheapest; then those whose
  // times are not of the same rounds, likewise; those that failed come last. Where results must not depend on m, of the first family alone that takes the problem: another one sums
  // otherwise. Where a workspace is unwelcome, those without one come first.
  std::vector<gpu_pick> picks(const plan_override& wanted, std::span<const core::timing> timings = {}) const;

 private:
  void refuse_long_code(gpu_answer& answer) const;

  families::layer layer_;
  const families::gpu& gpu_;
  bool avoids_workspace_;
  std::vector<gpu_answer> answers_;
};

// Which of picks(), without times, are worth timing: the cheapest few, and each family's cheapest where it is not far dearer;
// or all.
std::vector<gpu_pick> worth_timing(std::span<const gpu_pick> picks, bool all = false);

// What `make` makes of the first pick that compiles cleanly: of one that does not (it spills, say) the next one computes the
// same, if it is `usable`, and has fewer values in a thread's registers than those of its family that have failed. `picks`
// is not empty, and its first is usable. Where many fail it is not their registers: throws what the first one threw.
template <class Usable, class Make>
auto first_clean(std::span<const gpu_pick> picks, const Usable& usable, const Make& make) {
  constexpr size_t most = 8;
  std::optional<core::failure> first;
  std::vector<const gpu_pick*> failed;
  const auto too_full = [&](const gpu_pick& pick) {
    return std::any_of(failed.begin(), failed.end(), [&](const gpu_pick* other) {
      return other->family == pick.family && other->candidate->values != 0 &&
             pick.candidate->values >= other->candidate->values;
    });
  };
  for (const gpu_pick& pick : picks) {
    if (failed.size() == most) break;
    if (!failed.empty() && (too_full(pick) || !usable(pick))) continue;
    try {
      return make(pick);
    } catch (const core::failure& failure) {
      if (failure.status() != GEMMACT_COMPILE_FAILED) throw;
      if (!first) first = failure;
      failed.push_back(&pick);
    }
  }
  throw *first;
}

}  // namespace gemmact::plan

// Which family and configuration computes a problem on a GPU.
#pragma once
#include "host/core/problem.hpp"
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
};

class gpu_choice {
 public:
  gpu_choice(std::span<const gpu_family> families, const families::gpu& gpu, const core::problem& p);

  const families::layer& layer() const { return layer_; }
  const std::vector<gpu_answer>& answers() const { return answers_; }
  std::string refusals() const;  // "a (why); b (why)"

  // The configurations that `wanted` allows, the cheapest first; of equally cheap ones the preferred family's.
  std::vector<gpu_pick> picks(const plan_override& wanted) const;

 private:
  families::layer layer_;
  std::vector<gpu_answer> answers_;
};

}  // namespace gemmact::plan

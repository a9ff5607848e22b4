// What a layer costs without this library: beside our configurations in `gemmact tune`, never instead of them.
#pragma once
#include <memory>
#include <vector>

#include "host/core/device.hpp"
#include "host/cuda/context.hpp"
#include "host/jit/compiler.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

struct baseline_arm {
  core::timing timing;                     // its name, and why there is none
  std::unique_ptr<core::executable> runs;  // null where there is none
};

// Where a baseline's own kernel comes from, and what runs it.
struct baseline_parts {
  const cuda::context& context;
  const families::gpu& gpu;
  jit::compiler& compiler;
};

// cuBLASLt's product alone; with its own bias and function where it has them; and followed by a separate kernel of ours for
// the bias and the function. Of layers that it has no product for, nothing.
std::vector<baseline_arm> make_baselines(const baseline_parts& parts, const core::problem& problem,
                                         const core::run_operands& operands);

}  // namespace gemmact::plan

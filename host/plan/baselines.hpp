// What a layer costs without this library: beside our configurations in `gemmact tune`, never instead of them.
#pragma once
#include <memory>
#include <vector>

#include "host/core/device.hpp"
#include "host/cuda/context.hpp"

namespace gemmact::plan {

struct baseline {
  core::timing timing;                     // its name, and why there is none
  std::unique_ptr<core::executable> runs;  // null where there is none
};

// cuBLASLt's product alone, and its product with its own bias and function where it has them. Of layers that it has no
// product for, nothing.
std::vector<baseline> make_baselines(const cuda::context& context, const core::problem& problem,
                                     const core::run_operands& operands);

}  // namespace gemmact::plan

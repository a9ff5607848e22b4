// What a problem is and what becomes of it on a device, in words.
#pragma once
#include <string>
#include <string_view>

#include "host/core/device.hpp"

namespace gemmact::plan {

// The layer as one formula over the listed tensors: "Y = relu(X W^T + BIAS) + RESIDUAL".
std::string formula(const core::problem& p);

// The whole explanation; a problem that is refused is explained by its refusal. Throws failure only where the device does
// for another reason than the problem. `given` must not be null.
std::string explain(std::string_view device_text, const core::device& device, const gemmact_problem* given,
                    core::catalogue functions);

}  // namespace gemmact::plan

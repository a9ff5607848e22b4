// The instruction sets that the inner loops were compiled for.
#pragma once
#include <string_view>
#include <vector>

#include "host/cpu/isa_abi.hpp"

namespace gemmact::cpu {

// Those this machine can run, best first; never empty.
std::vector<const gemmact_isa::isa*> available_isas();

// The one to use: the best, or what GEMMACT_CPU_ISA names. Throws core::failure (GEMMACT_NO_DEVICE) when that is unknown
// or cannot run here.
const gemmact_isa::isa& chosen_isa();

}  // namespace gemmact::cpu

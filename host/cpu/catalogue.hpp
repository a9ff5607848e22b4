// The catalogue: every file of kernels/activation.
#pragma once
#include "host/core/activation_info.hpp"

namespace gemmact::cpu {

core::catalogue catalogue();

}  // namespace gemmact::cpu

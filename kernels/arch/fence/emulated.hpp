// kernels/arch/fence on the emulator.
#pragma once
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

GEMMACT_FN void fence_proxy_async(emulator::site at = emulator::site::here()) { emulator::fence_proxy_async(at); }
GEMMACT_FN void fence_proxy_async_global(emulator::site at = emulator::site::here()) {
  emulator::fence_proxy_async_global(at);
}

}  // namespace gemmact::arch

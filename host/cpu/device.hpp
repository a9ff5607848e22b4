// The CPU device: runs every checked problem on host memory with the catalogue's own source.
#pragma once
#include <memory>

#include "host/core/device.hpp"

namespace gemmact::cpu {

// Threads: GEMMACT_CPU_THREADS, else the machine's. Instruction set: GEMMACT_CPU_ISA, else the best. Throws core::failure
// (GEMMACT_NO_DEVICE) when either is not understood or cannot be had.
std::unique_ptr<core::device> make_device();

}  // namespace gemmact::cpu

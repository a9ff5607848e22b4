// kernels/arch/mma on the emulator.
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/base/fragment.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

template <class T>
GEMMACT_FN void mma(array<float, 4>& d, const array<u32, 4>& a, const array<u32, 2>& b,
                    emulator::site at = emulator::site::here()) {
  emulator::mma(emulator::element_of<T>, d.values, a.values, b.values, at);
}

}  // namespace gemmact::arch

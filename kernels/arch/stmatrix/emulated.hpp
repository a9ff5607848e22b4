// kernels/arch/stmatrix on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

template <bool transposed, int count>
GEMMACT_FN void stmatrix(shared_address row, const array<u32, count>& fragment,
                         emulator::site at = emulator::site::here()) {
  static_assert(count == 1 || count == 2 || count == 4, "matrices");
  emulator::stmatrix(fragment.values, count, transposed, row.value, at);
}

}  // namespace gemmact::arch

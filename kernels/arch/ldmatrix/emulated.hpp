// kernels/arch/ldmatrix on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

template <bool transposed, int count>
GEMMACT_FN void ldmatrix(array<u32, count>& fragment, shared_address row, emulator::site at = emulator::site::here()) {
  static_assert(count == 1 || count == 2 || count == 4, "matrices");
  emulator::ldmatrix(fragment.values, count, transposed, row.value, at);
}

}  // namespace gemmact::arch

// kernels/arch/cp_async on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

template <u32 bytes>
GEMMACT_FN void cp_async(shared_address to, global_address from, u32 valid_bytes,
                         emulator::site at = emulator::site::here()) {
  static_assert(bytes == 4 || bytes == 8 || bytes == 16, "bytes of a copy");
  emulator::cp_async(to.value, from.value, bytes, valid_bytes, at);
}
GEMMACT_FN void cp_async_commit(emulator::site at = emulator::site::here()) { emulator::cp_async_commit(at); }
template <u32 pending>
GEMMACT_FN void cp_async_wait(emulator::site at = emulator::site::here()) {
  emulator::cp_async_wait(pending, at);
}
GEMMACT_FN void cp_async_arrive(shared_address barrier, emulator::site at = emulator::site::here()) {
  emulator::cp_async_arrive(barrier.value, at);
}

}  // namespace gemmact::arch

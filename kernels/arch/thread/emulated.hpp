// kernels/arch/thread on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

GEMMACT_FN u32 thread_index() { return emulator::thread_index(); }
GEMMACT_FN u32 block_threads() { return emulator::block_threads(); }
GEMMACT_FN u32 lane_index() { return emulator::lane_index(); }
// A shuffle on the GPU, to which the warp comes as a whole.
GEMMACT_FN u32 warp_index(emulator::site at = emulator::site::here()) {
  return emulator::shuffle(emulator::warp_index(), 0, at);
}
GEMMACT_FN u32 block_index() { return emulator::block_index(); }
GEMMACT_FN u32 block_count() { return emulator::block_count(); }
GEMMACT_FN shared_address dynamic_shared() { return {emulator::dynamic_shared()}; }

GEMMACT_FN void sync_warp(emulator::site at = emulator::site::here()) { emulator::sync_warp(at); }
GEMMACT_FN void sync_block(emulator::site at = emulator::site::here()) { emulator::sync_block(at); }
template <u32 id>
GEMMACT_FN void sync_named(u32 threads, emulator::site at = emulator::site::here()) {
  static_assert(id >= 1 && id <= 15, "named barriers are 1 to 15");
  emulator::sync_named(id, threads, at);
}
template <u32 id>
GEMMACT_FN void arrive_named(u32 threads, emulator::site at = emulator::site::here()) {
  static_assert(id >= 1 && id <= 15, "named barriers are 1 to 15");
  emulator::arrive_named(id, threads, at);
}

template <class T>
GEMMACT_FN T shuffle(T value, u32 lane, emulator::site at = emulator::site::here()) {
  return bit_cast<T>(emulator::shuffle(bit_cast<u32>(value), lane, at));
}
template <class T>
GEMMACT_FN T shuffle_xor(T value, u32 bits, emulator::site at = emulator::site::here()) {
  return bit_cast<T>(emulator::shuffle_xor(bit_cast<u32>(value), bits, at));
}
GEMMACT_FN u32 ballot(bool answer, emulator::site at = emulator::site::here()) { return emulator::ballot(answer, at); }
GEMMACT_FN bool elect_one(emulator::site at = emulator::site::here()) { return emulator::elect_one(at); }

template <u32 count>
GEMMACT_FN void increase_registers(emulator::site at = emulator::site::here()) {
  static_assert(count >= 24 && count <= 256 && count % 8 == 0, "registers of a thread");
  emulator::set_registers(count, true, at);
}
template <u32 count>
GEMMACT_FN void decrease_registers(emulator::site at = emulator::site::here()) {
  static_assert(count >= 24 && count <= 256 && count % 8 == 0, "registers of a thread");
  emulator::set_registers(count, false, at);
}

GEMMACT_FN void wait_for_previous_kernel(emulator::site at = emulator::site::here()) {
  emulator::wait_for_previous_kernel(at);
}
GEMMACT_FN void let_next_kernel_start(emulator::site at = emulator::site::here()) {
  emulator::let_next_kernel_start(at);
}
GEMMACT_FN void trap(emulator::site at = emulator::site::here()) { emulator::trap(at); }

}  // namespace gemmact::arch

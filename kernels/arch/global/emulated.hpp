// kernels/arch/global on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

template <class T>
GEMMACT_FN T load_global(global_address from, emulator::site at = emulator::site::here()) {
  T value;
  emulator::load_global(&value, from.value, sizeof(T), at);
  return value;
}
template <class T>
GEMMACT_FN T load_global_readonly(global_address from, emulator::site at = emulator::site::here()) {
  T value;
  emulator::load_global_readonly(&value, from.value, sizeof(T), at);
  return value;
}
template <class T>
GEMMACT_FN void store_global(global_address to, T value, emulator::site at = emulator::site::here()) {
  emulator::store_global(to.value, &value, sizeof(T), at);
}
GEMMACT_FN void add_global(global_address to, float value, emulator::site at = emulator::site::here()) {
  emulator::add_global(to.value, value, at);
}
GEMMACT_FN void max_global(global_address to, u32 value, emulator::site at = emulator::site::here()) {
  emulator::max_global(to.value, value, at);
}
GEMMACT_FN u32 add_global_acquire_release(global_address to, u32 value, emulator::site at = emulator::site::here()) {
  return emulator::add_global_acquire_release(to.value, value, at);
}
GEMMACT_FN u32 load_global_acquire(global_address from, emulator::site at = emulator::site::here()) {
  return emulator::load_global_acquire(from.value, at);
}
GEMMACT_FN void store_global_release(global_address to, u32 value, emulator::site at = emulator::site::here()) {
  emulator::store_global_release(to.value, value, at);
}
GEMMACT_FN void prefetch_global(global_address of, emulator::site at = emulator::site::here()) {
  emulator::prefetch_global(of.value, at);
}

}  // namespace gemmact::arch

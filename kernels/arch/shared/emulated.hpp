// kernels/arch/shared on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

template <class T>
GEMMACT_FN T load_shared(shared_address from, emulator::site at = emulator::site::here()) {
  T value;
  emulator::load_shared(&value, from.value, sizeof(T), at);
  return value;
}
template <class T>
GEMMACT_FN void store_shared(shared_address to, T value, emulator::site at = emulator::site::here()) {
  emulator::store_shared(to.value, &value, sizeof(T), at);
}
template <class T>
GEMMACT_FN T load_cluster(shared_address from, emulator::site at = emulator::site::here()) {
  static_assert(sizeof(T) == 4, "words of other blocks");
  T value;
  emulator::load_cluster(&value, from.value, at);
  return value;
}
template <class T>
GEMMACT_FN void store_cluster(shared_address to, T value, emulator::site at = emulator::site::here()) {
  static_assert(sizeof(T) == 4, "words of other blocks");
  emulator::store_cluster(to.value, &value, at);
}

}  // namespace gemmact::arch

// kernels/arch/cluster on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

GEMMACT_FN u32 cluster_rank() { return emulator::cluster_rank(); }
GEMMACT_FN u32 cluster_size() { return emulator::cluster_size(); }
GEMMACT_FN void cluster_arrive(emulator::site at = emulator::site::here()) { emulator::cluster_arrive(true, at); }
GEMMACT_FN void cluster_arrive_relaxed(emulator::site at = emulator::site::here()) {
  emulator::cluster_arrive(false, at);
}
GEMMACT_FN void cluster_wait(emulator::site at = emulator::site::here()) { emulator::cluster_wait(at); }
GEMMACT_FN shared_address map_shared(shared_address own, u32 rank, emulator::site at = emulator::site::here()) {
  return {emulator::map_shared(own.value, rank, at)};
}

}  // namespace gemmact::arch

// kernels/arch/mbarrier on the emulator.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

GEMMACT_FN void mbarrier_init(shared_address barrier, u32 arrivals, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_init(barrier.value, arrivals, at);
}
GEMMACT_FN void mbarrier_init_fence(emulator::site at = emulator::site::here()) { emulator::mbarrier_init_fence(at); }
GEMMACT_FN void mbarrier_invalidate(shared_address barrier, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_invalidate(barrier.value, at);
}
GEMMACT_FN void mbarrier_arrive(shared_address barrier, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_arrive(barrier.value, false, at);
}
GEMMACT_FN void mbarrier_arrive_expect(shared_address barrier, u32 bytes, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_arrive_expect(barrier.value, bytes, false, at);
}
GEMMACT_FN void mbarrier_expect(shared_address barrier, u32 bytes, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_expect(barrier.value, bytes, at);
}
GEMMACT_FN void mbarrier_wait(shared_address barrier, u32 parity, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_wait(barrier.value, parity, false, at);
}
GEMMACT_FN void mbarrier_arrive_cluster(shared_address barrier, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_arrive(barrier.value, true, at);
}
GEMMACT_FN void mbarrier_arrive_expect_cluster(shared_address barrier, u32 bytes,
                                               emulator::site at = emulator::site::here()) {
  emulator::mbarrier_arrive_expect(barrier.value, bytes, true, at);
}
// As the cluster's: that they order less is not modelled.
GEMMACT_FN void mbarrier_free_cluster(shared_address barrier, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_arrive(barrier.value, true, at);
}
GEMMACT_FN void mbarrier_wait_freed(shared_address barrier, u32 parity, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_wait(barrier.value, parity, true, at);
}
GEMMACT_FN void mbarrier_wait_cluster(shared_address barrier, u32 parity, emulator::site at = emulator::site::here()) {
  emulator::mbarrier_wait(barrier.value, parity, true, at);
}

}  // namespace gemmact::arch

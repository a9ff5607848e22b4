// Faults of asynchronous work, of loops that wait, and of what is left when a block ends.
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "tests/emulator/fault_parts.hpp"
#include "tests/emulator/faults.hpp"

namespace gemmact::test {
namespace {

// ---- deadlock ----
void spin_on_a_plain_load() {
  shuffle_warps();
  while (load_global<u32>(given.flag) != 1) {
  }
}
void spin_on_shared_memory() {
  shuffle_warps();
  while (load_shared<u32>(at(0)) == 0xffffffffu) {
  }
}

// ---- leftover ----
void copies_that_arrive_and_nobody_waits() {
  set_up_barrier(block_threads());
  cp_async<16>(at(64 + 16 * thread_index()), given.in, 16);
  cp_async_arrive(at(0));
}
void named_barrier_arrived_at_too_often() {
  shuffle_warps();
  if (warp_index() == 0) arrive_named<5>(64);
}

// ---- poison ----
void stores_half_of_the_poison() {
  shuffle_warps();
  store_global(given.out + 2 * i64(thread_index()), load_shared<u16>(at(2 * thread_index())));
}

}  // namespace

std::vector<planted_fault> asynchronous_faults() {
  const emulator::shape two_warps{2, 64, 2048, 1}, waves{6, 64, 2048, 1};
  using emulator::report_kind;
#define GEMMACT_FAULT(kind, name, size, words) \
  planted_fault { #name, report_kind::kind, words, size, name }
  return {
      GEMMACT_FAULT(deadlock, spin_on_a_plain_load, two_warps, "no end after"),
      GEMMACT_FAULT(deadlock, spin_on_shared_memory, two_warps, "asynchronous_faults.cpp"),
      GEMMACT_FAULT(leftover, copies_that_arrive_and_nobody_waits, waves, "nobody waited for"),
      GEMMACT_FAULT(leftover, named_barrier_arrived_at_too_often, two_warps, "32 of 64 threads have come"),
      GEMMACT_FAULT(poison, stores_half_of_the_poison, two_warps, "half of the poison"),
  };
#undef GEMMACT_FAULT
}

}  // namespace gemmact::test

// Faults of asynchronous work, of loops that wait, and of what is left when a block ends.
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/wgmma/wgmma.cuh"
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

// ---- bad use, races ----
u64 product_descriptor() { return wgmma_descriptor(at(0), 16, 128, 32); }
void clear_operand() {
  if (thread_index() < 64) store_shared(at(16 * thread_index()), array<float, 4>{});
  fence_proxy_async();
  sync_block();
  shuffle_warps();
}
void product(array<float, 4>& d, const array<u32, 4>& a) {
  wgmma<bf16_bits, 8, major::k>(d, a, product_descriptor(), true);
  wgmma_commit();
}
void sums_written_after_their_fence() {
  clear_operand();
  array<float, 4> d{};
  const array<u32, 4> a{};
  for (u32 i = 0; i < 2; ++i) {
    wgmma_fence();
    d[2] += 1;
    product(d, a);
    wgmma_wait<0>();
  }
}
void operand_written_after_its_fence() {
  clear_operand();
  array<float, 4> d{};
  array<u32, 4> a{};
  for (u32 i = 0; i < 2; ++i) {
    wgmma_fence();
    a[1] = 0x3f80u * (i + 1);
    product(d, a);
    wgmma_wait<0>();
  }
}
void operand_written_under_way() {
  clear_operand();
  array<float, 4> d{};
  array<u32, 4> a{};
  wgmma_fence();
  product(d, a);
  a[3] = 0x3f80u;
  wgmma_wait<0>();
}
void registers_of_one_warp_alone() {
  shuffle_warps();
  if (warp_index() != 2) decrease_registers<40>();
}
void registers_differ_at_a_product() {
  clear_operand();
  if (warp_index() != 2) decrease_registers<40>();
  else decrease_registers<48>();
  array<float, 4> d{};
  const array<u32, 4> a{};
  wgmma_fence();
  product(d, a);
  wgmma_wait<0>();
}
void load_on_a_barrier_whose_init_is_not_fenced() {
  shuffle_warps();
  if (!first_thread()) return;
  mbarrier_init(at(0), 1);
  mbarrier_arrive_expect(at(0), 32);
  bulk_load(at(64), given.in, 32, at(0));
  mbarrier_wait(at(0), 0);
}
void load_that_flushes() {
  set_up_barrier(1);
  if (first_thread()) tma_load(at(1024), given.flushing, at(0), 0, 0);
  mbarrier_wait(at(0), 0);
}
void global_memory_while_the_previous_kernel_runs() {
  shuffle_warps();
  if (warp_index() == 0) wait_for_previous_kernel();
  load_global<u32>(given.in);
}

// ---- poison ----
void stores_half_of_the_poison() {
  shuffle_warps();
  store_global(given.out + 2 * i64(thread_index()), load_shared<u16>(at(2 * thread_index())));
}

}  // namespace

std::vector<planted_fault> asynchronous_faults() {
  const emulator::shape two_warps{2, 64, 2048, 1}, four_warps{2, 128, 2048, 1}, waves{6, 64, 2048, 1};
  using emulator::report_kind;
#define GEMMACT_FAULT(kind, name, size, words) \
  planted_fault { #name, report_kind::kind, words, size, name }
  return {
      GEMMACT_FAULT(deadlock, spin_on_a_plain_load, two_warps, "no end after"),
      GEMMACT_FAULT(deadlock, spin_on_shared_memory, two_warps, "asynchronous_faults.cpp"),
      GEMMACT_FAULT(leftover, copies_that_arrive_and_nobody_waits, waves, "nobody waited for"),
      GEMMACT_FAULT(leftover, named_barrier_arrived_at_too_often, two_warps, "32 of 64 threads have come"),
      GEMMACT_FAULT(bad_use, sums_written_after_their_fence, four_warps,
                    "register 2 of D was written, and no wgmma_fence"),
      GEMMACT_FAULT(bad_use, operand_written_after_its_fence, four_warps,
                    "register 1 of A was written, and no wgmma_fence"),
      GEMMACT_FAULT(bad_use, operand_written_under_way, four_warps, "register 3 of A was written while"),
      GEMMACT_FAULT(bad_use, registers_of_one_warp_alone, four_warps, "another of its warpgroup"),
      GEMMACT_FAULT(bad_use, registers_differ_at_a_product, four_warps, "another of its warpgroup"),
      GEMMACT_FAULT(race, load_on_a_barrier_whose_init_is_not_fenced, two_warps, "mbarrier_init_fence did not follow"),
      GEMMACT_FAULT(bad_use, load_that_flushes, two_warps, "f32_ftz"),
      planted_fault{"global_memory_while_the_previous_kernel_runs", report_kind::bad_use, "wait_for_previous_kernel",
                    two_warps, global_memory_while_the_previous_kernel_runs, false, true},
      GEMMACT_FAULT(poison, stores_half_of_the_poison, two_warps, "half of the poison"),
  };
#undef GEMMACT_FAULT
}

}  // namespace gemmact::test

#include "tests/emulator/faults.hpp"

#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/arch/wgmma/wgmma.cuh"
#include "kernels/emulator/memory.hpp"
#include "kernels/emulator/tensor_map.hpp"
#include "tests/emulator/fault_parts.hpp"

namespace gemmact::test {
namespace {

using emulator::report_kind;

constexpr u32 array_bytes = fault_array_bytes;

// ---- deadlock ----
void wait_for_a_missing_arrival() {
  set_up_barrier(block_threads() + 1);
  mbarrier_arrive(at(0));
  mbarrier_wait(at(0), 0);
}
void wait_for_bytes_that_do_not_come() {
  set_up_barrier(1);
  if (first_thread()) {
    mbarrier_arrive_expect(at(0), 64);
    bulk_load(at(64), given.in, 32, at(0));
  }
  mbarrier_wait(at(0), 0);
}
void named_barrier_that_one_warp_misses() {
  shuffle_warps();
  if (warp_index() != 1) sync_named<3>(block_threads());
}
void spin_for_ever() {
  while (load_global_acquire(given.flag) != 1) {
  }
}
void cluster_wait_without_the_peer() {
  shuffle_warps();
  if (cluster_rank() == 0) {
    cluster_arrive();
    cluster_wait();
  } else {
    set_up_barrier(1);
    mbarrier_wait(at(0), 0);
  }
}

// ---- divergence ----
void half_a_warp_syncs() {
  shuffle_warps();
  if (lane_index() < 16) sync_warp();
}
void two_shuffles_at_once() {
  shuffle_warps();
  if (lane_index() < 16) shuffle(1u, 0);
  else shuffle(2u, 0);
}
void mma_after_some_returned() {
  shuffle_warps();
  if (lane_index() == 7) return;
  array<float, 4> d{};
  mma<bf16_bits>(d, array<u32, 4>{}, array<u32, 2>{});
}
void block_barrier_in_half_a_warp() {
  shuffle_warps();
  if (lane_index() < 16) sync_block();
  else sync_warp();
}
void lanes_wait_apart() {
  set_up_barrier(1);
  if (lane_index() == 0) mbarrier_wait(at(0), 0);
  else sync_warp();
}

// ---- out of bounds, misaligned ----
void shared_past_the_end() {
  shuffle_warps();
  store_shared(at(1024 - 4 + 4 * thread_index()), 1.0f);
}
void shared_below_the_start() {
  shuffle_warps();
  load_shared<u32>(shared_address{dynamic_shared().value - 4});
}
void global_past_the_end() {
  shuffle_warps();
  load_global<float>(given.in + (array_bytes + 4 * i64(thread_index())));
}
void global_write_of_what_is_read_only() {
  shuffle_warps();
  store_global(given.in, 1.0f);
}
void ldmatrix_past_the_end() {
  shuffle_warps();
  array<u32, 4> fragment;
  ldmatrix<false>(fragment, at(1024 - 16 * lane_index()));
}
void cp_async_past_the_end() {
  shuffle_warps();
  cp_async<16>(at(0), given.in + (array_bytes - 8), 16);
}
void tma_past_the_end() {
  set_up_barrier(1);
  if (first_thread()) tma_load(at(1024), given.map, at(0), 0, 0);
  mbarrier_wait(at(0), 0);
}
void misaligned_ldmatrix() {
  shuffle_warps();
  array<u32, 1> fragment;
  ldmatrix<false>(fragment, at(8));
}
void misaligned_global() {
  shuffle_warps();
  load_global<array<float, 2>>(given.in + 4);
}
void misaligned_cp_async() {
  shuffle_warps();
  cp_async<16>(at(16), given.in + 8, 0);
}
void misaligned_tma() {
  set_up_barrier(1);
  if (first_thread()) tma_load(at(128), given.map, at(0), 0, 0);
  mbarrier_wait(at(0), 0);
}

// ---- leftover ----
void cp_async_not_committed() {
  shuffle_warps();
  cp_async<16>(at(16 * thread_index()), given.in, 16);
  cp_async_wait<0>();
}
void cp_async_not_waited_for() {
  shuffle_warps();
  const u32 warp = warp_index();
  if (lane_index() < 8) cp_async<16>(at(16 * (warp * 8 + lane_index())), given.in, 16);
  cp_async_commit();
}
void bulk_store_not_waited_for() {
  shuffle_warps();
  if (!first_thread()) return;
  store_shared(at(0), array<float, 4>{});
  fence_proxy_async();
  bulk_store(given.out + 16 * i64(block_index()), at(0), 16);
  bulk_commit();
}
void bytes_not_waited_for() {
  set_up_barrier(1);
  if (first_thread()) {
    mbarrier_arrive_expect(at(0), 48);
    bulk_load(at(64), given.in, 32, at(0));
  }
}

u64 product_descriptor() { return wgmma_descriptor(at(0), 16, 128, 32); }

void clear_operand() {
  if (thread_index() < 64) store_shared(at(16 * thread_index()), array<float, 4>{});
  fence_proxy_async();
  sync_block();
}
void wgmma_not_waited_for() {
  clear_operand();
  array<float, 4> d{};
  const array<u32, 4> a{};
  wgmma_fence();
  wgmma<bf16_bits, 8, major::k>(d, a, product_descriptor(), true);
  wgmma_commit();
}

// ---- bad use ----
void barrier_not_initialised() {
  shuffle_warps();
  mbarrier_wait(at(0), 1);
}
void barrier_initialised_twice() {
  set_up_barrier(1);
  if (first_thread()) mbarrier_init(at(0), 1);
}
void more_arrivals_than_expected() {
  set_up_barrier(1);
  if (first_thread()) {
    mbarrier_arrive_expect(at(0), 16);
    mbarrier_arrive(at(0));
  }
}
void barrier_of_no_arrivals() {
  shuffle_warps();
  mbarrier_init(at(8 * thread_index()), 0);
}
void more_bytes_than_a_barrier_counts() {
  set_up_barrier(2);
  if (first_thread()) mbarrier_expect(at(0), 1u << 20);
}
void phase_that_overtakes_a_waiter() {
  set_up_barrier(1);
  if (warp_index() == 0 && lane_index() == 0) {
    for (int i = 0; i < 200; ++i) mbarrier_arrive(at(0));
  } else if (lane_index() == 0) {
    for (u32 i = 0; i < 200; ++i) mbarrier_wait(at(0), i & 1);
  }
}
void products_without_a_fence() {
  clear_operand();
  array<float, 4> d{};
  const array<u32, 4> a{};
  wgmma<bf16_bits, 8, major::k>(d, a, product_descriptor(), true);
  wgmma_commit();
  wgmma_wait<0>();
}
void sums_touched_under_way() {
  clear_operand();
  array<float, 4> d{};
  const array<u32, 4> a{};
  wgmma_fence();
  wgmma<bf16_bits, 8, major::k>(d, a, product_descriptor(), true);
  wgmma_commit();
  d[1] = 0;
  wgmma_wait<0>();
}
void other_descriptors_in_one_warp() {
  clear_operand();
  array<float, 4> d{};
  const array<u32, 4> a{};
  wgmma_fence();
  wgmma<bf16_bits, 8, major::k>(d, a, product_descriptor() + (warp_index() == 2), true);
  wgmma_commit();
  wgmma_wait<0>();
}
void registers_increased_by_a_decrease() {
  shuffle_warps();
  decrease_registers<256>();
}
void registers_that_nobody_gives() {
  shuffle_warps();
  increase_registers<256>();
}
void shuffle_from_no_lane() {
  shuffle_warps();
  shuffle(1u, lane_index() + 1);
}
void named_barrier_of_two_counts() {
  shuffle_warps();
  sync_named<3>(warp_index() == 0 ? 96 : 128);
}
void cluster_arrives_twice() {
  shuffle_warps();
  cluster_arrive();
  cluster_arrive();
}
void signal_to_a_peer_that_ended() {
  if (cluster_rank() == 0) {
    set_up_barrier(1);
    cluster_arrive();
  } else {
    cluster_arrive();
    cluster_wait();
    // Rank 0 does nothing more, and this is long enough.
    for (int i = 0; i < 2000; ++i) let_next_kernel_start();
    mbarrier_arrive_cluster(map_shared(at(0), 0));
  }
}
void bulk_load_of_half_a_chunk() {
  set_up_barrier(1);
  if (first_thread()) bulk_load(at(64), given.in, 24, at(0));
}
void store_from_below_zero() {
  shuffle_warps();
  tma_store(given.map, at(1024), 0, -1);
}
void trapped() {
  shuffle_warps();
  trap();
}

// ---- poison ----
void stores_what_was_never_written() {
  shuffle_warps();
  store_global(given.out + 4 * i64(thread_index()), load_shared<u32>(at(4 * thread_index())));
}

}  // namespace

std::vector<planted_fault> all_faults() {
  const emulator::shape two_warps{2, 64, 1024, 1}, four_warps{2, 128, 1024, 1}, pair{2, 64, 1024, 2},
      tma{2, 64, 4096, 1};
#define GEMMACT_FAULT(kind, name, size, words) planted_fault{#name, report_kind::kind, words, size, name}
  std::vector<planted_fault> all = {
      GEMMACT_FAULT(deadlock, wait_for_a_missing_arrival, two_warps, "parity 0: phase 0, 1 of 65 arrivals"),
      GEMMACT_FAULT(deadlock, wait_for_bytes_that_do_not_come, two_warps, "32 bytes missing"),
      GEMMACT_FAULT(deadlock, named_barrier_that_one_warp_misses, four_warps, "96 of 128 threads came"),
      GEMMACT_FAULT(deadlock, spin_for_ever, two_warps, "no end after"),
      GEMMACT_FAULT(deadlock, cluster_wait_without_the_peer, pair, "cluster_wait"),
      GEMMACT_FAULT(divergence, half_a_warp_syncs, two_warps, "sync_warp"),
      GEMMACT_FAULT(divergence, two_shuffles_at_once, two_warps, "by a part of the warp"),
      GEMMACT_FAULT(divergence, mma_after_some_returned, two_warps, "0x00000080 of this one have returned"),
      GEMMACT_FAULT(divergence, block_barrier_in_half_a_warp, two_warps, "sync_block"),
      GEMMACT_FAULT(divergence, lanes_wait_apart, two_warps, "0xfffffffe of the warp came to sync_warp"),
      GEMMACT_FAULT(out_of_bounds, shared_past_the_end, two_warps, "store_shared: 4 bytes"),
      GEMMACT_FAULT(out_of_bounds, shared_below_the_start, two_warps, "load_shared: 4 bytes"),
      GEMMACT_FAULT(out_of_bounds, global_past_the_end, two_warps, "load_global"),
      GEMMACT_FAULT(out_of_bounds, global_write_of_what_is_read_only, two_warps, "store_global"),
      GEMMACT_FAULT(out_of_bounds, ldmatrix_past_the_end, two_warps, "ldmatrix"),
      GEMMACT_FAULT(out_of_bounds, tma_past_the_end, two_warps, "tma_load: 1024 bytes"),
      GEMMACT_FAULT(misaligned, cp_async_past_the_end, two_warps, "cp_async"),
      GEMMACT_FAULT(misaligned, misaligned_ldmatrix, two_warps, "ldmatrix"),
      GEMMACT_FAULT(misaligned, misaligned_global, two_warps, "load_global"),
      GEMMACT_FAULT(misaligned, misaligned_cp_async, two_warps, "cp_async"),
      GEMMACT_FAULT(misaligned, misaligned_tma, tma, "not aligned to 1024 bytes"),
      GEMMACT_FAULT(leftover, cp_async_not_committed, two_warps, "not even committed"),
      GEMMACT_FAULT(leftover, cp_async_not_waited_for, two_warps, "never waited for"),
      GEMMACT_FAULT(leftover, bulk_store_not_waited_for, two_warps, "never waited to be read"),
      GEMMACT_FAULT(leftover, bytes_not_waited_for, two_warps, "bytes"),
      GEMMACT_FAULT(leftover, wgmma_not_waited_for, four_warps, "has not waited for this product"),
      GEMMACT_FAULT(bad_use, barrier_not_initialised, two_warps, "no initialised mbarrier"),
      GEMMACT_FAULT(bad_use, barrier_initialised_twice, two_warps, "not invalidated since"),
      GEMMACT_FAULT(bad_use, more_arrivals_than_expected, two_warps, "all 1 arrivals of phase 0"),
      GEMMACT_FAULT(bad_use, barrier_of_no_arrivals, two_warps, "0 arrivals"),
      GEMMACT_FAULT(bad_use, more_bytes_than_a_barrier_counts, two_warps, "1048575 is the most"),
      GEMMACT_FAULT(bad_use, phase_that_overtakes_a_waiter, two_warps, "one bit of parity"),
      GEMMACT_FAULT(bad_use, products_without_a_fence, four_warps, "no wgmma_fence"),
      GEMMACT_FAULT(bad_use, sums_touched_under_way, four_warps, "register 1 of D"),
      GEMMACT_FAULT(divergence, other_descriptors_in_one_warp, four_warps, "descriptors"),
      GEMMACT_FAULT(bad_use, registers_increased_by_a_decrease, four_warps, "decrease_registers<256>"),
      GEMMACT_FAULT(deadlock, registers_that_nobody_gives, four_warps, "registers, 0 are free"),
      GEMMACT_FAULT(bad_use, shuffle_from_no_lane, two_warps, "no lane 32"),
      GEMMACT_FAULT(bad_use, named_barrier_of_two_counts, four_warps, "with the count"),
      GEMMACT_FAULT(bad_use, cluster_arrives_twice, pair, "has arrived in this phase"),
      GEMMACT_FAULT(bad_use, signal_to_a_peer_that_ended, pair, "ended"),
      GEMMACT_FAULT(bad_use, bulk_load_of_half_a_chunk, two_warps, "24 bytes"),
      GEMMACT_FAULT(bad_use, store_from_below_zero, tma, "coordinate 1 is -1"),
      GEMMACT_FAULT(bad_use, trapped, two_warps, "trap()"),
      GEMMACT_FAULT(poison, stores_what_was_never_written, two_warps, "0xffffffff"),
  };
#undef GEMMACT_FAULT
  for (planted_fault& one : all) one.or_deadlock = one.body == phase_that_overtakes_a_waiter;
  for (const auto& more : {cluster_faults(), asynchronous_faults()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

emulator::result run_fault(const planted_fault& fault, const emulator::options& how) {
  const emulator::guarded_memory in(array_bytes), out(array_bytes), flag(16);
  for (u64 i = 0; i < array_bytes; ++i) in.data()[i] = u8(i);
  flag.as<u32>()[0] = 0;
  emulator::memory_registry arrays;
  arrays.add("in", in.data(), array_bytes, emulator::array_use::read_only);
  arrays.add("out", out.data(), array_bytes, emulator::array_use::read_write);
  arrays.add("flag", flag.data(), 16, emulator::array_use::read_write);
  given = {global_at(in.data()), global_at(out.data()), global_at(flag.data()), {}, {}};
  const emulator::tensor_description described{.type = emulator::tensor_type::u16_,
                                               .rank = 2,
                                               .address = given.in.value,
                                               .dims = {64, 16},
                                               .strides = {128},
                                               .box = {64, 8},
                                               .swizzle_bytes = 128};
  emulator::tensor_description flushing = described;
  flushing.type = emulator::tensor_type::f32_ftz;
  flushing.dims[0] = flushing.box[0] = 32;
  if (!emulator::encode_tensor_map(given.map.words, described).empty()) return {};
  if (!emulator::encode_tensor_map(given.flushing.words, flushing).empty()) return {};
  return emulator::launch(how, fault.size, arrays, fault.body);
}

}  // namespace gemmact::test

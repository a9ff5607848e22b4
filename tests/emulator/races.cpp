#include "tests/emulator/races.hpp"

#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/arch/wgmma/wgmma.cuh"
#include "kernels/emulator/memory.hpp"

namespace gemmact::test {
namespace {

using namespace arch;

constexpr u32 array_bytes = 8192;

// What the kernels of this page are given.
struct arguments {
  global_address in, out, flag;
};
arguments given;

shared_address at(u32 offset) { return dynamic_shared() + offset; }
bool first_thread() { return thread_index() == 0; }
global_address own_output() { return given.out + 16 * i64(block_index() * block_threads() + thread_index()); }
using line = array<u32, 4>;

// Two buffers by turns: what is written in a round is read by the next warp after one barrier.
template <bool kept>
void double_buffering_without_sync_block() {
  line sum{};
  for (u32 round = 0; round < 4; ++round) {
    const u32 buffer = 1024 * (round % 2), next = (thread_index() + 32) % block_threads();
    store_shared(at(buffer + 16 * thread_index()), line{});
    if (kept || round != 2) sync_block();
    sum[0] += load_shared<line>(at(buffer + 16 * next))[0];
  }
  store_global(own_output(), sum);
}

template <bool kept>
void exchange_without_sync_warp() {
  store_shared(at(16 * thread_index()), line{});
  if (kept) sync_warp();
  store_global(own_output(), load_shared<line>(at(16 * (thread_index() ^ 1))));
}

template <bool kept>
void copies_read_before_their_wait() {
  cp_async<16>(at(16 * thread_index()), given.in + 16 * i64(thread_index()), 16);
  cp_async_commit();
  if (kept) cp_async_wait<0>();
  store_global(own_output(), load_shared<line>(at(16 * thread_index())));
  cp_async_wait<0>();
}

template <bool kept>
void copies_read_after_too_weak_a_wait() {
  for (u32 stage = 0; stage < 2; ++stage) {
    cp_async<16>(at(1024 * stage + 16 * thread_index()), given.in + 16 * i64(thread_index()), 16);
    cp_async_commit();
  }
  if (kept) cp_async_wait<0>();
  else cp_async_wait<1>();
  sync_block();
  store_global(own_output(), load_shared<line>(at(1024 + 16 * (thread_index() ^ 32))));
  cp_async_wait<0>();
}

template <bool kept>
void copies_not_committed() {
  cp_async<16>(at(16 * thread_index()), given.in + 16 * i64(thread_index()), 16);
  if (kept) cp_async_commit();
  cp_async_wait<0>();
  sync_block();
  store_global(own_output(), load_shared<line>(at(16 * (thread_index() ^ 32))));
}

template <bool kept>
void copies_over_what_is_read() {
  store_shared(at(16 * thread_index()), line{});
  sync_block();
  store_global(own_output(), load_shared<line>(at(16 * (thread_index() ^ 32))));
  if (kept) sync_block();
  cp_async<16>(at(16 * thread_index()), given.in + 16 * i64(thread_index()), 16);
  cp_async_commit();
  cp_async_wait<0>();
}

template <bool kept>
void one_element_written_by_two_blocks() {
  const u32 blocks_apart = kept ? block_threads() : block_threads() - 1;
  store_global(given.out + 4 * i64(block_index() * blocks_apart + thread_index()), 1.0f);
}

template <bool kept>
void a_count_that_orders_nothing() {
  store_global(own_output(), line{});
  if (kept) sync_block();
  if (!first_thread()) return;
  if (add_global_acquire_release(given.flag, 1) + 1 < block_count()) return;
  u32 sum = 0;
  for (u32 i = 0; i < block_count() * block_threads(); ++i) sum += load_global<u32>(given.out + 16 * i64(i));
  store_global(given.flag + 4, sum);
}

template <bool kept>
void bulk_store_without_fence() {
  store_shared(at(16 * thread_index()), line{});
  if (kept) fence_proxy_async();
  sync_block();
  if (!first_thread()) return;
  bulk_store(given.out + 1024 * i64(block_index()), at(0), 1024);
  bulk_commit();
  bulk_wait<0>();
}

template <bool kept>
void store_buffer_used_again() {
  for (u32 round = 0; round < 2; ++round) {
    store_shared(at(16 * thread_index()), line{});
    fence_proxy_async();
    sync_block();
    if (first_thread()) {
      bulk_store(given.out + 1024 * i64(2 * block_index() + round), at(0), 1024);
      bulk_commit();
      if (kept || round == 1) bulk_wait_read<0>();
    }
    sync_block();
  }
}

void set_up_barriers(u32 full_arrivals, u32 empty_arrivals, bool fenced) {
  if (first_thread()) {
    mbarrier_init(at(0), full_arrivals);
    mbarrier_init(at(8), empty_arrivals);
    if (fenced) mbarrier_init_fence();
  }
  sync_block();
}

// One warp loads a stage four times, one reads it.
template <bool release_late, bool fence_reads>
void loads_and_reads() {
  set_up_barriers(1, 32, true);
  for (u32 round = 0; round < 4; ++round) {
    if (warp_index() == 1) {
      if (lane_index() != 0) continue;
      mbarrier_wait(at(8), (round & 1) ^ 1);
      mbarrier_arrive_expect(at(0), 512);
      bulk_load(at(1024), given.in + 512 * i64(round), 512, at(0));
    } else {
      mbarrier_wait(at(0), round & 1);
      if (!release_late) mbarrier_arrive(at(8));
      store_global(own_output(), load_shared<line>(at(1024 + 16 * lane_index())));
      if (fence_reads) fence_proxy_async();
      if (release_late) mbarrier_arrive(at(8));
    }
  }
}
template <bool kept>
void stage_released_before_it_is_read() {
  loads_and_reads<kept, true>();
}
template <bool kept>
void loads_over_reads_without_fence() {
  loads_and_reads<true, kept>();
}

template <bool kept>
void stage_read_without_a_wait() {
  set_up_barriers(1, 1, true);
  if (first_thread()) {
    mbarrier_arrive_expect(at(0), 1024);
    bulk_load(at(1024), given.in, 1024, at(0));
  }
  if (kept || thread_index() < 60) mbarrier_wait(at(0), 0);
  store_global(own_output(), load_shared<line>(at(1024 + 16 * thread_index())));
  mbarrier_wait(at(0), 0);
}

template <bool kept>
void barrier_initialised_without_fence() {
  set_up_barriers(block_threads(), 1, kept);
  mbarrier_arrive(at(0));
  mbarrier_wait(at(0), 0);
}

void product_of_zeros(array<float, 4>& d, const array<u32, 4>& a) {
  wgmma_fence();
  wgmma<bf16_bits, 8, major::k>(d, a, wgmma_descriptor(at(0), 16, 128, 32), true);
  wgmma_commit();
}

template <bool kept>
void product_without_proxy_fence() {
  store_shared(at(16 * thread_index()), line{});
  if (kept) fence_proxy_async();
  sync_block();
  array<float, 4> d{};
  const array<u32, 4> a{};
  product_of_zeros(d, a);
  wgmma_wait<0>();
}

template <bool kept>
void operand_overwritten_under_way() {
  store_shared(at(16 * thread_index()), line{});
  fence_proxy_async();
  sync_block();
  array<float, 4> d{};
  const array<u32, 4> a{};
  product_of_zeros(d, a);
  if (kept) wgmma_wait<0>();
  store_shared(at(16 * thread_index()), line{});
  wgmma_wait<0>();
}

template <bool kept>
void peer_read_without_meeting() {
  store_shared(at(4 * thread_index()), cluster_rank());
  if (kept) cluster_arrive();
  else cluster_arrive_relaxed();
  cluster_wait();
  const u32 value = load_cluster<u32>(map_shared(at(4 * thread_index()), cluster_rank() ^ 1));
  store_global(own_output(), line{value, value, value, value});
  cluster_arrive();
  cluster_wait();
}

}  // namespace

std::vector<planted_race> all_races() {
  const emulator::shape two_warps{2, 64, 4096, 1}, four_warps{2, 128, 4096, 1}, pair{2, 64, 4096, 2};
#define GEMMACT_RACE(name, size, words) \
  planted_race { #name, words, size, name < false>, name < true> }
  return {
      GEMMACT_RACE(double_buffering_without_sync_block, two_warps, "no barrier"),
      GEMMACT_RACE(exchange_without_sync_warp, two_warps, "no barrier"),
      GEMMACT_RACE(copies_read_before_their_wait, two_warps, "cp_async_wait"),
      GEMMACT_RACE(copies_read_after_too_weak_a_wait, two_warps, "cp_async_wait"),
      GEMMACT_RACE(copies_not_committed, two_warps, "cp_async_commit"),
      GEMMACT_RACE(copies_over_what_is_read, two_warps, ""),
      GEMMACT_RACE(one_element_written_by_two_blocks, two_warps, "of different blocks"),
      GEMMACT_RACE(a_count_that_orders_nothing, two_warps, ""),
      GEMMACT_RACE(bulk_store_without_fence, two_warps, "not through fence_proxy_async"),
      GEMMACT_RACE(store_buffer_used_again, two_warps, "bulk_wait_read"),
      GEMMACT_RACE(stage_released_before_it_is_read, two_warps, ""),
      GEMMACT_RACE(loads_over_reads_without_fence, two_warps, "not through fence_proxy_async"),
      GEMMACT_RACE(stage_read_without_a_wait, two_warps, ""),
      GEMMACT_RACE(barrier_initialised_without_fence, two_warps, "mbarrier_init_fence did not follow"),
      GEMMACT_RACE(product_without_proxy_fence, four_warps, "not through fence_proxy_async"),
      GEMMACT_RACE(operand_overwritten_under_way, four_warps, "read by a wgmma of the warpgroup"),
      GEMMACT_RACE(peer_read_without_meeting, pair, "no barrier"),
  };
#undef GEMMACT_RACE
}

emulator::result run_race(const planted_race& race, void (*body)(), const emulator::options& how) {
  const emulator::guarded_memory in(array_bytes), out(array_bytes), flag(16);
  for (u64 i = 0; i < array_bytes; ++i) in.data()[i] = u8(i);
  flag.as<u32>()[0] = 0;
  emulator::memory_registry arrays;
  arrays.add("in", in.data(), array_bytes, emulator::array_use::read_only);
  arrays.add("out", out.data(), array_bytes, emulator::array_use::read_write);
  arrays.add("flag", flag.data(), 16, emulator::array_use::read_write);
  given = {global_at(in.data()), global_at(out.data()), global_at(flag.data())};
  return emulator::launch(how, race.size, arrays, [body] {
    for (int i = 0; i < 6; ++i) let_next_kernel_start();  // orders nothing here; warps come to the fault in every order
    body();
  });
}

}  // namespace gemmact::test

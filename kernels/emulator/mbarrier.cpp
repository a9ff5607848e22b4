#include "kernels/emulator/mbarrier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::emulator {
namespace {

constexpr i64 most = (1 << 20) - 1;  // of arrivals, and of bytes in a phase

// What the barrier's 8 bytes hold, so that writing over them shows.
u64 stamp_of(const mbarrier& barrier) {
  return (0x6d62617272696572u ^ u64(barrier.pending) << 40 ^ u64(barrier.tx) << 8 ^ barrier.phase) & ~(u64(1) << 63);
}

void store_stamp(const block& own, const mbarrier& barrier) {
  const u64 stamp = stamp_of(barrier);
  std::memcpy(own.shared + (barrier.address - shared_base), &stamp, 8);
}

void check_stamp(const block& own, const mbarrier& barrier, const call_site& call) {
  u64 found;
  std::memcpy(&found, own.shared + (barrier.address - shared_base), 8);
  if (found == stamp_of(barrier)) return;
  fail(report_kind::bad_use, place_of(call),
       fmt::format("{}: something has written over the mbarrier {:#x} of block {}, initialised at {}:{}",
                   call.operation, barrier.address, own.index, barrier.initialised.file, barrier.initialised.line));
}

void complete_if_due(block& own, mbarrier& barrier, const call_site& call) {
  if (barrier.pending == 0 && barrier.tx == 0) {
    if (!barrier.waiting.empty() && barrier.waiting.front()->phase != barrier.phase) {
      const lane& late = *barrier.waiting.front();
      fail(report_kind::bad_use, place_of(call),
           fmt::format(
               "{}: completes phase {} of the mbarrier {:#x} while {} has not yet seen phase {} complete, for which it "
               "waits at {}:{}: one bit of parity cannot tell them apart",
               call.operation, barrier.phase, barrier.address, name_of(late), late.phase, late.at.file, late.at.line));
    }
    if (auto* races = races_of(own)) races->barrier_complete(barrier.race_id);
    ++barrier.phase;
    barrier.pending = barrier.expected;
    for (lane* waiting : barrier.waiting) make_ready(*waiting->in, 1u << waiting->index);
  }
  store_stamp(own, barrier);
}

void add_bytes(mbarrier& barrier, i64 bytes, const call_site& call) {
  barrier.tx += bytes;
  if (barrier.tx > most || barrier.tx < -most) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: the mbarrier {:#x} waits for {} bytes; {} is the most", call.operation, barrier.address,
                     barrier.tx, most));
  }
}

void subtract_arrival(mbarrier& barrier, const call_site& call) {
  if (barrier.pending == 0) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: all {} arrivals of phase {} of the mbarrier {:#x} have come, while {} bytes are missing",
                     call.operation, barrier.expected, barrier.phase, barrier.address, barrier.tx));
  }
  --barrier.pending;
}

struct target {
  block& in;
  mbarrier& barrier;
};

target find_target(u32 address, bool mapped, const call_site& call) {
  block& own = *current->in->in;
  const shared_place where = mapped ? find_mapped(address, 8, 8, true, call) : find_own(own, address, 8, 8, call);
  return {*where.in, live_barrier(*where.in, shared_base + where.offset, call)};
}

}  // namespace

mbarrier& live_barrier(block& own, u32 address, const call_site& call) {
  mbarrier* barrier = own.barriers.find(address);
  if (!barrier) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: there is no initialised mbarrier at {:#x} of block {}", call.operation, address, own.index));
  }
  check_stamp(own, *barrier, call);
  return *barrier;
}

void count_arrival(block& own, mbarrier& barrier, const call_site& call) {
  subtract_arrival(barrier, call);
  complete_if_due(own, barrier, call);
}

void count_bytes(block& own, mbarrier& barrier, u32 bytes, const call_site& call) {
  add_bytes(barrier, -i64(bytes), call);
  complete_if_due(own, barrier, call);
}

void mbarrier_init(u32 address, u32 arrivals, site at) {
  const call_site call{"mbarrier_init", at.file, at.line};
  block& own = *current->in->in;
  const shared_place where = find_own(own, address, 8, 8, call);
  if (arrivals == 0 || arrivals > u32(most)) {
    fail(report_kind::bad_use, at, fmt::format("mbarrier_init: {} arrivals; 1 to {} are possible", arrivals, most));
  }
  if (const mbarrier* there = own.barriers.find(address)) {
    fail(report_kind::bad_use, at,
         fmt::format("mbarrier_init: {:#x} has been initialised at {}:{} and not invalidated since", address,
                     there->initialised.file, there->initialised.line));
  }
  mbarrier& barrier = own.barriers.all.emplace_back();
  barrier.address = address;
  barrier.expected = barrier.pending = arrivals;
  barrier.initialised = at;
  if (auto* races = races_of(own)) {
    barrier.race_id = races->barrier_init(current->agent, shared_range{own.rank, where.offset, 8}, call);
  }
  store_stamp(own, barrier);
}

void mbarrier_init_fence(site at) {
  if (gpu->sites.reach(sync_kind::mbarrier_init_fence, at) == change::skip) return;
  if (auto* races = races_of(*current->in->in)) races->barrier_init_fence(current->agent);
  point();
}

void mbarrier_invalidate(u32 address, site at) {
  const call_site call{"mbarrier_invalidate", at.file, at.line};
  block& own = *current->in->in;
  mbarrier& barrier = find_target(address, false, call).barrier;
  if (!barrier.waiting.empty() || barrier.under_way) {
    fail(report_kind::bad_use, at,
         fmt::format("mbarrier_invalidate: {} threads wait for {:#x} and {} copies to it are under way",
                     barrier.waiting.size(), address, barrier.under_way));
  }
  if (auto* races = races_of(own)) races->barrier_invalidate(current->agent, barrier.race_id, call);
  barrier.address = 0;  // never found again
}

void mbarrier_arrive(u32 address, bool cluster, site at) {
  if (gpu->sites.reach(sync_kind::mbarrier_arrive, at) == change::skip) return;
  const call_site call{cluster ? "mbarrier_arrive_cluster" : "mbarrier_arrive", at.file, at.line};
  current->at = at;
  point();
  const target to = find_target(address, cluster, call);
  if (auto* races = races_of(to.in)) races->barrier_arrive(current->agent, to.barrier.race_id, call);
  count_arrival(to.in, to.barrier, call);
}

namespace {

u32 disturbed_bytes(u32 bytes, change disturbance) {
  if (disturbance == change::more_bytes) return bytes + 16;
  if (disturbance == change::fewer_bytes) return bytes - 16;
  return bytes;
}

}  // namespace

void mbarrier_arrive_expect(u32 address, u32 bytes, bool cluster, site at) {
  const change disturbance = gpu->sites.reach(sync_kind::mbarrier_arrive_expect, at);
  if (disturbance == change::skip) return;
  const call_site call{cluster ? "mbarrier_arrive_expect_cluster" : "mbarrier_arrive_expect", at.file, at.line};
  current->at = at;
  point();
  const target to = find_target(address, cluster, call);
  if (auto* races = races_of(to.in)) races->barrier_arrive(current->agent, to.barrier.race_id, call);
  add_bytes(to.barrier, i64(i32(disturbed_bytes(bytes, disturbance))), call);
  count_arrival(to.in, to.barrier, call);
}

void mbarrier_expect(u32 address, u32 bytes, site at) {
  const change disturbance = gpu->sites.reach(sync_kind::mbarrier_expect, at);
  if (disturbance == change::skip) return;
  const call_site call{"mbarrier_expect", at.file, at.line};
  current->at = at;
  point();
  const target to = find_target(address, false, call);
  if (auto* races = races_of(to.in)) races->barrier_expect(current->agent, to.barrier.race_id, call);
  add_bytes(to.barrier, i64(i32(disturbed_bytes(bytes, disturbance))), call);
  store_stamp(to.in, to.barrier);
}

void mbarrier_wait(u32 address, u32 parity, bool cluster, site at) {
  const change disturbance = gpu->sites.reach(sync_kind::mbarrier_wait, at);
  if (disturbance == change::skip) return;
  if (disturbance == change::flip_parity) parity ^= 1;
  const call_site call{cluster ? "mbarrier_wait_cluster" : "mbarrier_wait", at.file, at.line};
  lane& me = *current;
  me.at = at;
  if (parity > 1) fail(report_kind::bad_use, at, fmt::format("mbarrier_wait: parity {}", parity));
  point();
  const target to = find_target(address, false, call);
  mbarrier& barrier = to.barrier;
  if ((barrier.phase & 1) == parity) {
    me.for_what = waiting::mbarrier;
    me.address = address;
    me.parity = parity;
    me.phase = barrier.phase;
    barrier.waiting.push_back(&me);
    do {
      me.in->ready &= ~(1u << me.index);
      leave();
    } while ((barrier.phase & 1) == parity);
    std::erase(barrier.waiting, &me);
    me.for_what = waiting::nothing;
  }
  barrier.awaited = std::max(barrier.awaited, barrier.phase);
  if (auto* races = races_of(to.in)) {
    races->barrier_wait(me.agent, barrier.race_id, u32(barrier.phase - 1),
                        cluster ? sync_scope::cluster : sync_scope::block, call);
  }
}

}  // namespace gemmact::emulator

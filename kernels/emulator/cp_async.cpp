#include "kernels/emulator/cp_async.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::emulator {
namespace {

void list(lane& of) {
  if (of.copies.position >= 0) return;
  of.copies.position = i32(gpu->copying.size());
  gpu->copying.push_back(&of);
}

void unlist_if_empty(lane& of) {
  if (!of.copies.pending.empty() || of.copies.position < 0) return;
  lane* last = gpu->copying.back();
  gpu->copying[u32(of.copies.position)] = last;
  last->copies.position = of.copies.position;
  gpu->copying.pop_back();
  of.copies.position = -1;
}

void land(lane& of, const async_copy& copy) {
  block& own = *of.in->in;
  if (copy.from) {
    unsigned char* to = own.shared + (copy.to - shared_base);
    if (copy.valid == 16) {
      std::memcpy(to, copy.from, 16);
    } else {
      std::memcpy(to, copy.from, copy.valid);
      std::memset(to + copy.valid, 0, copy.bytes - copy.valid);
    }
    return;
  }
  const call_site call{"cp_async_arrive", copy.at.file, copy.at.line};
  mbarrier* barrier = own.barriers.find(copy.to);
  if (!barrier)
    fail_of(report_kind::bad_use, copy.at, &of, "cp_async_arrive: its mbarrier is no more when the copies land");
  if (auto* races = races_of(own)) races->cp_async_arrived(of.agent, barrier->race_id, copy.valid);
  barrier->copied = barrier->phase + 1;
  count_arrival(own, *barrier, call);
}

const unsigned char nothing[1] = {};

}  // namespace

void land_copy(lane& of) {
  auto& pending = of.copies.pending;
  u32 chosen = draw_below(u32(pending.size()));
  if (!pending[chosen].from) {
    // An arrival comes after the copies before it.
    for (u32 i = 0; i < pending.size(); ++i) {
      if (pending[i].serial < pending[chosen].serial) chosen = i;
    }
  }
  const async_copy copy = pending[chosen];
  pending[chosen] = pending.back();
  pending.pop_back();
  trace_event(u64(of.agent) << 32 | copy.serial);
  land(of, copy);
  unlist_if_empty(of);
}

void land_copies(lane& of, u32 group) {
  auto& pending = of.copies.pending;
  const u32 count = u32(pending.size());
  if (count == 0) return;
  const u32 start = draw_below(count);
  bool more_left = false;
  for (u32 i = 0; i < count; ++i) {
    const async_copy& copy = pending[start + i < count ? start + i : start + i - count];
    if (copy.from && copy.group < group) land(of, copy);
    else more_left = true;
  }
  if (more_left) {
    std::erase_if(pending, [group](const async_copy& copy) { return copy.from && copy.group < group; });
  } else {
    pending.clear();
  }
  unlist_if_empty(of);
}

void cp_async(u32 to, u64 from, u32 bytes, u32 valid_bytes, site at) {
  const call_site call{"cp_async", at.file, at.line};
  lane& me = *current;
  block& own = *me.in->in;
  if ((bytes != 4 && bytes != 8 && bytes != 16) || valid_bytes > bytes) {
    fail(report_kind::bad_use, at,
         fmt::format("cp_async<{}>: {} valid bytes; copies are of 4, 8 or 16", bytes, valid_bytes));
  }
  const shared_place where = find_own(own, to, bytes, bytes, call);
  if (from & (bytes - 1)) refuse_global(from, bytes, bytes, access_kind::read, call);
  global_range source{};
  if (valid_bytes) source = find_global(from, valid_bytes, bytes, access_kind::read, call);
  if (auto* races = races_of(own)) {
    const actor who = races->by_cp_async(me.agent);
    touch(who, where, bytes, access_kind::write, call);
    if (valid_bytes) races->access(who, source, access_kind::read, call);
  }
  std::memset(where.memory(), 0xff, bytes);
  copy_queue& queue = me.copies;
  queue.used_groups = queue.open_group + 1;
  queue.last = at;
  queue.pending.push_back(
      {valid_bytes ? host(from) : nothing, to, queue.open_group, queue.next_serial++, bytes, valid_bytes, at});
  list(me);
}

void cp_async_commit(site at) {
  if (gpu->sites.reach(sync_kind::cp_async_commit, at) == change::skip) return;
  lane& me = *current;
  if (auto* races = races_of(*me.in->in)) races->cp_async_commit(me.agent);
  ++me.copies.open_group;
  point();
}

void cp_async_wait(u32 pending, site at) {
  const change disturbance = gpu->sites.reach(sync_kind::cp_async_wait, at);
  if (disturbance == change::skip) return;
  if (disturbance == change::leave_one_more) ++pending;
  point();
  lane& me = *current;
  copy_queue& queue = me.copies;
  const u32 covered = queue.open_group - std::min(pending, queue.open_group);
  land_copies(me, covered);
  queue.waited_groups = std::max(queue.waited_groups, covered);
  if (auto* races = races_of(*me.in->in)) races->cp_async_wait(me.agent, pending);
}

void cp_async_arrive(u32 address, site at) {
  if (gpu->sites.reach(sync_kind::cp_async_arrive, at) == change::skip) return;
  const call_site call{"cp_async_arrive", at.file, at.line};
  lane& me = *current;
  block& own = *me.in->in;
  find_own(own, address, 8, 8, call);
  const mbarrier& barrier = live_barrier(own, address, call);
  u32 mark = 0;
  if (auto* races = races_of(own)) mark = races->cp_async_arrive(me.agent, barrier.race_id, call);
  copy_queue& queue = me.copies;
  queue.waited_groups = queue.open_group + 1;  // whoever waits for the barrier has waited for the copies
  queue.pending.push_back({nullptr, address, queue.open_group, queue.next_serial++, 0, mark, at});
  list(me);
  point();
}

}  // namespace gemmact::emulator

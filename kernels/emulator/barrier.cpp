// Barriers of a block: sync_block and the named ones.
#include <fmt/format.h>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/barrier.hpp"
#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/collective.hpp"

namespace gemmact::emulator {
namespace {

void release_waiting(std::vector<warp*>& waiting) {
  for (warp* w : waiting) {
    w->arrived = 0;
    make_ready(*w, w->live);
  }
  waiting.clear();
}

void block_meets(block& own) {
  if (auto* races = races_of(own)) races->meet(own.rank * gpu->size.threads, gpu->size.threads);
  release_waiting(own.at_barrier);
}

}  // namespace

bool block_complete(const block& own) { return own.live_warps && own.at_barrier.size() == own.live_warps; }

void warp_at_block_barrier(warp& w) {
  w.in->at_barrier.push_back(&w);
  if (block_complete(*w.in)) block_meets(*w.in);
}

void sync_block(site at) {
  if (gpu->sites.reach(sync_kind::sync_block, at) == change::skip) return;
  if (!come_together(collective::sync_block, nullptr, at)) return;
  warp& w = *current->in;
  w.ready = 0;
  warp_at_block_barrier(w);
  if (w.ready) point();
  else leave();
}

void warp_ended(block& own) {
  if (block_complete(own)) block_meets(own);
}

namespace {

struct named_call {
  u32 id, threads;
};

named_barrier& come_to_named(const named_call& call, const char* name, site at) {
  warp& w = *current->in;
  for (u32 i = 0; i < warp_lanes; ++i) {
    const auto& other = call_of<named_call>(w, i);
    if (other.id != call.id || other.threads != call.threads) {
      fail(report_kind::divergence, at, fmt::format("{}: lanes of the warp name different barriers or counts", name));
    }
  }
  if (call.id < 1 || call.id > 15 || call.threads % warp_lanes || call.threads == 0 ||
      call.threads > gpu->size.threads) {
    fail(report_kind::bad_use, at,
         fmt::format("{}<{}>({}): identifiers are 1 to 15, counts multiples of 32 up to the block's {}", name, call.id,
                     call.threads, gpu->size.threads));
  }
  named_barrier& barrier = w.in->named[call.id];
  if (barrier.came && barrier.expected != call.threads) {
    fail(report_kind::bad_use, at,
         fmt::format("{}<{}>({}): {} threads came to it with the count {}", name, call.id, call.threads, barrier.came,
                     barrier.expected));
  }
  barrier.expected = call.threads;
  barrier.came += warp_lanes;
  barrier.last = at;
  if (auto* races = races_of(*w.in)) {
    if (!barrier.race_meeting) barrier.race_meeting = races->new_meeting() + 1;
    races->release(barrier.race_meeting - 1, w.lanes[0].agent, warp_lanes);
  }
  return barrier;
}

void complete_named(block& own, named_barrier& barrier) {
  if (barrier.came < barrier.expected) return;
  barrier.came = 0;
  if (auto* races = races_of(own)) {
    races->complete(barrier.race_meeting - 1);
    for (const warp* w : barrier.waiting) races->acquire(barrier.race_meeting - 1, w->lanes[0].agent, warp_lanes);
  }
  release_waiting(barrier.waiting);
}

}  // namespace

void sync_named(u32 id, u32 threads, site at) {
  if (gpu->sites.reach(sync_kind::sync_named, at) == change::skip) return;
  named_call call{id, threads};
  if (!come_together(collective::sync_named, &call, at)) return;
  warp& w = *current->in;
  named_barrier& barrier = come_to_named(call, "sync_named", at);
  barrier.waiting.push_back(&w);
  w.ready = 0;
  complete_named(*w.in, barrier);
  if (w.ready) point();
  else leave();
}

void arrive_named(u32 id, u32 threads, site at) {
  if (gpu->sites.reach(sync_kind::arrive_named, at) == change::skip) return;
  named_call call{id, threads};
  if (!come_together(collective::arrive_named, &call, at)) return;
  warp& w = *current->in;
  complete_named(*w.in, come_to_named(call, "arrive_named", at));
  warp_goes_on(w);
  point();
}

}  // namespace gemmact::emulator

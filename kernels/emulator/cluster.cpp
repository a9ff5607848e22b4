// Blocks that run together.
#include <fmt/format.h>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/barrier.hpp"
#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/collective.hpp"

namespace gemmact::emulator {

u32 cluster_rank() { return current->in->in->rank; }
u32 cluster_size() { return gpu->size.cluster; }

u32 map_shared(u32 own, u32 rank, site at) {
  const call_site call{"map_shared", at.file, at.line};
  find_own(*current->in->in, own, 0, 1, call);
  if (rank >= gpu->size.cluster) {
    fail(report_kind::bad_use, at, fmt::format("map_shared: rank {} of a cluster of {}", rank, gpu->size.cluster));
  }
  return own | (rank + 1) << rank_shift;
}

namespace {

// The phase is complete when every warp that has not ended has arrived.
void complete_if_due(cluster& c) {
  if (c.live_warps == 0 || c.arrivals < c.live_warps + c.ended_arrivals) return;
  c.arrivals = c.ended_arrivals = 0;
  ++c.phase;
  if (c.races) c.races->complete(c.race_meeting);
  for (warp* w : c.waiting) {
    if (c.races) c.races->acquire(c.race_meeting, w->lanes[0].agent, warp_lanes);
    warp_goes_on(*w);
  }
  c.waiting.clear();
}

}  // namespace

void warp_at_cluster_arrive(warp& w) {
  cluster& c = *w.in->in;
  if (w.cluster_arrived > c.phase) {
    fail(report_kind::bad_use, w.at, "cluster_arrive: the warp has arrived in this phase and not waited for its end");
  }
  if (c.races && w.releases) c.races->release(c.race_meeting, w.lanes[0].agent, warp_lanes);
  if (c.races && !w.releases) c.races->release_relaxed(c.race_meeting, w.lanes[0].agent, warp_lanes);
  ++c.arrivals;
  w.cluster_arrived = c.phase + 1;
  complete_if_due(c);
  warp_goes_on(w);
}

void warp_at_cluster_wait(warp& w) {
  cluster& c = *w.in->in;
  if (w.cluster_arrived == w.cluster_waited) fail(report_kind::bad_use, w.at, "cluster_wait: the warp has not arrived");
  w.cluster_waited = w.cluster_arrived;
  if (c.phase >= w.cluster_arrived) {
    if (c.races) c.races->acquire(c.race_meeting, w.lanes[0].agent, warp_lanes);
    warp_goes_on(w);
  } else {
    c.waiting.push_back(&w);
  }
}

void warp_ended(cluster& c, const warp& w) {
  if (w.cluster_arrived > c.phase) ++c.ended_arrivals;
  complete_if_due(c);
}

void cluster_arrive(bool release, site at) {
  if (gpu->sites.reach(sync_kind::cluster_arrive, at) == change::skip) return;
  warp& w = *current->in;
  w.releases = release;  // by each lane: the warp may arrive when one returns
  if (!come_together(collective::cluster_arrive, nullptr, at)) return;
  warp_at_cluster_arrive(w);
  point();
}

void cluster_wait(site at) {
  if (gpu->sites.reach(sync_kind::cluster_wait, at) == change::skip) return;
  if (!come_together(collective::cluster_wait, nullptr, at)) return;
  warp& w = *current->in;
  w.ready = 0;
  warp_at_cluster_wait(w);
  if (w.ready) point();
  else leave();
}

}  // namespace gemmact::emulator

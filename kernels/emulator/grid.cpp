// Blocks start when there is room for their cluster, and are looked over when they have ended.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/barrier.hpp"
#include "kernels/emulator/collective.hpp"

namespace gemmact::emulator {
namespace {

stack_pool& stacks() {
  static stack_pool pool;
  return pool;
}

void lane_entry(boost::context::detail::transfer_t from) {
  fiber_entered(from);
  try {
    (*gpu->body)();
    lane_ended();
  } catch (const launch_ended&) {
  } catch (...) {
    gpu->escaped = std::current_exception();
  }
  // The launch ends here; the other fibers are abandoned where they are.
  lane& me = *current;
  current = nullptr;
  jump(me, gpu->home);
}

constexpr u32 multiprocessor_registers = 65536;

void start_block(cluster& c, u32 rank) {
  machine& m = *gpu;
  auto made = std::make_unique<block>();
  block& b = *made;
  b.in = &c;
  b.index = m.next_block++;
  b.rank = rank;
  b.memory.reset(new unsigned char[m.size.shared_bytes + 1024]);
  b.shared = b.memory.get() + (1024 - reinterpret_cast<u64>(b.memory.get()) % 1024) % 1024;
  std::memset(b.shared, 0xff, m.size.shared_bytes);
  b.lanes = std::vector<lane>(m.size.threads);
  b.live_warps = m.size.threads / warp_lanes;
  b.warps.resize(b.live_warps);
  b.warpgroups.resize(b.live_warps / 4);
  for (u32 i = 0; i < b.warpgroups.size(); ++i) b.warpgroups[i].in = &b, b.warpgroups[i].first_warp = 4 * i;
  const u32 share = multiprocessor_registers / m.how.resident_blocks;
  const u32 at_entry = std::min(255u, share / m.size.threads / 8 * 8);
  b.free_registers = 0;
  for (u32 i = 0; i < m.size.threads; ++i) {
    lane& l = b.lanes[i];
    warp& w = b.warps[i / warp_lanes];
    l.in = &w;
    l.index = i % warp_lanes;
    l.thread = i;
    l.agent = rank * m.size.threads + i;
    stacks().prepare(l, size_t(c.slots[rank]) * m.size.threads + i, lane_entry);
  }
  for (u32 i = 0; i < b.warps.size(); ++i) {
    warp& w = b.warps[i];
    w.in = &b;
    w.index = i;
    w.lanes = &b.lanes[i * warp_lanes];
    w.live = all_lanes;
    w.registers = at_entry / 8 * 8;
    w.number = m.next_warp++;
    if (m.how.order == schedule::priority) w.priority = (u64(1) << 63) + (draw() >> 2);
  }
  c.blocks.push_back(std::move(made));
}

void start_cluster() {
  machine& m = *gpu;
  auto made = std::make_unique<cluster>();
  cluster& c = *made;
  if (m.races) {
    c.races = m.races->begin_cluster(m.next_block);
    c.race_meeting = c.races->new_meeting();
  }
  for (u32 rank = 0; rank < m.size.cluster; ++rank) {
    c.slots.push_back(m.free_slots.back());
    m.free_slots.pop_back();
  }
  for (u32 rank = 0; rank < m.size.cluster; ++rank) start_block(c, rank);
  c.live_blocks = m.size.cluster;
  c.live_warps = m.size.cluster * m.size.threads / warp_lanes;
  for (auto& b : c.blocks) {
    for (warp& w : b->warps) make_ready(w, all_lanes);
  }
  m.resident.push_back(std::move(made));
}

void retire_ended() {
  machine& m = *gpu;
  for (size_t i = 0; i < m.resident.size();) {
    cluster& c = *m.resident[i];
    if (c.live_blocks) {
      ++i;
      continue;
    }
    for (auto& b : c.blocks) land_rest_of(*b);
    for (u32 slot : c.slots) m.free_slots.push_back(slot);
    m.resident.erase(m.resident.begin() + i64(i));
  }
}

}  // namespace

void run_grid() {
  machine& m = *gpu;
  const u32 slots = std::max(m.how.multiprocessors * m.how.resident_blocks, m.size.cluster);
  for (u32 i = slots; i-- > 0;) m.free_slots.push_back(i);
  for (;;) {
    retire_ended();
    while (m.next_block < m.size.grid && m.free_slots.size() >= m.size.cluster) start_cluster();
    if (m.resident.empty()) return;
    dispatch(m.home);
    if (m.found || m.escaped) return;
  }
}

namespace {

// The lanes of the warp that have not returned no longer wait for one that has.
void forgive_returned(warp& w) {
  if (!w.arrived) return;
  if (!forgives_returned(w.what)) report_divergence(w.what, w.at);
  if (w.arrived != w.live) return;
  switch (w.what) {
    case collective::sync_block:
      warp_at_block_barrier(w);
      break;
    case collective::cluster_arrive:
      warp_at_cluster_arrive(w);
      break;
    default:
      warp_at_cluster_wait(w);
      break;
  }
}

}  // namespace

void lane_ended() {
  lane& me = *current;
  warp& w = *me.in;
  block& b = *w.in;
  const u32 bit = 1u << me.index;
  check_lane_end(me);
  w.live &= ~bit;
  w.ready &= ~bit;
  if (w.live) {
    forgive_returned(w);
  } else {
    stop_running(w);
    --b.live_warps;
    --b.in->live_warps;
    warp_ended(b);
    warp_ended(*b.in, w);
    if (b.done()) {
      check_block_end(b);
      if (--b.in->live_blocks == 0) {
        current = nullptr;
        jump(me, gpu->home);
      }
    }
  }
  leave();
}

}  // namespace gemmact::emulator

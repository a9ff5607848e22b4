// Who a thread is, and how threads meet.
#include <fmt/format.h>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/collective.hpp"

namespace gemmact::emulator {

u32 thread_index() { return current->thread; }
u32 block_threads() { return gpu->size.threads; }
u32 lane_index() { return current->index; }
u32 warp_index() { return current->in->index; }
u32 block_index() { return current->in->in->index; }
u32 block_count() { return gpu->size.grid; }
u32 dynamic_shared() { return shared_base; }

void sync_warp(site at) {
  if (gpu->sites.reach(sync_kind::sync_warp, at) == change::skip) return;
  if (!come_together(collective::sync_warp, nullptr, at)) return;
  warp& w = *current->in;
  if (auto* races = races_of(*w.in)) races->meet(w.lanes[0].agent, warp_lanes);
  warp_goes_on(w);
}

namespace {

struct shuffle_call {
  u32 value, other, answer;
};

u32 exchange(collective what, u32 value, u32 other, site at) {
  shuffle_call call{value, other, 0};
  if (!come_together(what, &call, at)) return call.answer;
  const warp& w = *current->in;
  for (u32 i = 0; i < warp_lanes; ++i) {
    auto& own = call_of<shuffle_call>(w, i);
    if (what == collective::shuffle_xor && own.other != call.other) {
      fail(report_kind::bad_use, at,
           fmt::format("shuffle_xor: lanes give different bits, {} and {}", own.other, call.other));
    }
    const u32 source = what == collective::shuffle_xor ? i ^ own.other : own.other;
    if (source >= warp_lanes) fail(report_kind::bad_use, at, fmt::format("shuffle: there is no lane {}", source));
    own.answer = call_of<shuffle_call>(w, source).value;
  }
  warp_goes_on(*current->in);
  return call.answer;
}

}  // namespace

u32 shuffle(u32 value, u32 from_lane, site at) { return exchange(collective::shuffle, value, from_lane, at); }
u32 shuffle_xor(u32 value, u32 bits, site at) { return exchange(collective::shuffle_xor, value, bits, at); }

u32 ballot(bool answer, site at) {
  shuffle_call call{answer, 0, 0};
  if (!come_together(collective::ballot, &call, at)) return call.answer;
  warp& w = *current->in;
  u32 bits = 0;
  for (u32 i = 0; i < warp_lanes; ++i) bits |= call_of<shuffle_call>(w, i).value << i;
  for (u32 i = 0; i < warp_lanes; ++i) call_of<shuffle_call>(w, i).answer = bits;
  warp_goes_on(w);
  return bits;
}

bool elect_one(site at) {
  if (come_together(collective::elect, nullptr, at)) warp_goes_on(*current->in);
  return current->index == gpu->elected;
}

void wait_for_previous_kernel(site) {
  point();
  if (auto* races = races_of(*current->in->in)) races->previous_kernel_ended(current->agent);
}
void let_next_kernel_start(site) { point(); }

void trap(site at) { fail(report_kind::bad_use, at, "trap()"); }

// ---- setmaxnreg ----

void set_registers(u32 count, bool increase, site at) {
  if (!come_together(collective::registers, &count, at)) return;
  warp& w = *current->in;
  block& own = *w.in;
  const char* name = increase ? "increase_registers" : "decrease_registers";
  if (w.index / 4 >= own.warpgroups.size()) {
    fail(report_kind::bad_use, at, fmt::format("{}<{}>: the block's last warps are no warpgroup", name, count));
  }
  if (increase ? count < w.registers : count > w.registers) {
    fail(report_kind::bad_use, at, fmt::format("{}<{}>: the warp has {} registers a thread", name, count, w.registers));
  }
  if (increase) {
    while (own.free_registers < (count - w.registers) * warp_lanes) {
      current->for_what = waiting::registers;
      current->at = at;
      w.ready = 0;
      leave();
    }
    own.free_registers -= (count - w.registers) * warp_lanes;
  } else {
    own.free_registers += (w.registers - count) * warp_lanes;
    for (warp& other : own.warps) {
      for (u32 i = 0; i < warp_lanes; ++i) {
        if (other.lanes[i].for_what == waiting::registers) make_ready(other, 1u << i);
      }
    }
  }
  current->for_what = waiting::nothing;
  w.registers = count;
  ++w.register_calls;
  warp_goes_on(w);
}

}  // namespace gemmact::emulator

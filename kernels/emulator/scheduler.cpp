#include "kernels/emulator/machine.hpp"

namespace gemmact::emulator {

machine* gpu = nullptr;
lane* current = nullptr;

namespace {

u64 mix(u64 v) {  // splitmix64's finaliser
  v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
  v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
  return v ^ (v >> 31);
}

// A spinning warp of the highest priority would keep the one that it waits for from running.
constexpr u64 longest_priority_run = 4096;

warp& highest() {
  warp* best = gpu->runnable.front();
  for (warp* w : gpu->runnable) {
    if (w->priority > best->priority) best = w;
  }
  return *best;
}

void change_priorities(warp* running) {
  machine& m = *gpu;
  if (!running) return;
  const bool due = m.changes_left && m.points >= m.next_change;
  if (due) {
    --m.changes_left;
    m.next_change = m.points + draw_gap();
  }
  if (due || m.since_switch > longest_priority_run) running->priority = --m.lowest_priority;
}

// What is asynchronous, as one more that may go on.
void maybe_land() {
  machine& m = *gpu;
  if (m.how.order == schedule::priority) {
    while (!m.runnable.empty() && m.async_priority > highest().priority && land_something()) {
    }
  } else if (m.land_odds && draw_below(m.land_odds) == 0) {
    land_something();
  }
}

warp& pick(warp* running) {
  machine& m = *gpu;
  switch (m.how.order) {
    case schedule::priority:
      return highest();
    case schedule::sticky:
      if (running && running->ready && draw_below(16)) return *running;
      break;
    case schedule::uniform:
    case schedule::latest:
      break;
  }
  return *m.runnable[draw_below(u32(m.runnable.size()))];
}

lane& next_lane(const warp& w, u32 from) {
  const u32 later = w.ready & (from < warp_lanes ? all_lanes << from : 0);
  return w.lanes[__builtin_ctz(later ? later : w.ready)];
}

void count_point() {
  machine& m = *gpu;
  ++m.since_switch;
  if (++m.points <= m.how.most_points) return;
  fail(report_kind::deadlock, current ? current->at : site{},
       "no end after " + std::to_string(m.points - 1) + " scheduling points: a loop that waits for what never comes?");
}

void go_on_with(fiber& from, warp& chosen) {
  machine& m = *gpu;
  ++m.switches;
  m.trace = mix(m.trace ^ (chosen.number << 32) ^ m.since_switch);
  m.since_switch = 0;
  lane& to = next_lane(chosen, chosen.resume);
  current = &to;
  if (static_cast<fiber*>(&to) != &from) jump(from, to);
}

}  // namespace

u64 draw() { return mix(gpu->random += 0x9e3779b97f4a7c15u); }
u64 draw_gap() {
  const u64 range = u64(1) << draw_below(14);
  return 1 + draw() % range;
}
u32 draw_below(u32 count) { return u32(((draw() >> 32) * count) >> 32); }

void trace_event(u64 what) { gpu->trace = mix(gpu->trace ^ (what << 8) ^ gpu->since_switch ^ 0x5bd1e995u); }

void point() {
  lane& me = *current;
  warp& w = *me.in;
  count_point();
  if (gpu->how.order == schedule::priority) change_priorities(&w);
  maybe_land();
  warp& chosen = pick(&w);
  if (&chosen == &w) return;
  w.resume = me.index;
  go_on_with(me, chosen);
}

void count_loads(site at) {
  gpu->loads = 0;
  gpu->points += load_batch - 1;  // as many as the loads: a spin is found after seconds
  current->at = at;
  point();
}

void leave() {
  lane& me = *current;
  warp& w = *me.in;
  if (w.ready) {
    lane& to = next_lane(w, me.index + 1);
    current = &to;
    jump(me, to);
    return;
  }
  w.resume = me.index;
  stop_running(w);
  dispatch(me);
}

void dispatch(fiber& from) {
  machine& m = *gpu;
  count_point();
  maybe_land();
  while (m.runnable.empty()) {
    if (!land_something()) report_deadlock();
  }
  go_on_with(from, pick(nullptr));
}

void make_ready(warp& w, u32 lanes) {
  machine& m = *gpu;
  w.ready |= lanes;
  if (w.position >= 0 || !w.ready) return;
  w.position = i32(m.runnable.size());
  m.runnable.push_back(&w);
}

void stop_running(warp& w) {
  machine& m = *gpu;
  if (w.position < 0) return;
  warp* last = m.runnable.back();
  m.runnable[u32(w.position)] = last;
  last->position = w.position;
  m.runnable.pop_back();
  w.position = -1;
}

}  // namespace gemmact::emulator

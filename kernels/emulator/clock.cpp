#include "kernels/emulator/clock.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace gemmact::emulator {

namespace {

void raise(u32* to, const u32* from, u32 count) {
  for (u32 i = 0; i < count; i++) to[i] = std::max(to[i], from[i]);
}

bool same(const clock& a, const clock& b) {
  if (a.foreign || b.foreign) return false;
  for (u32 p = 0; p < planes; p++)
    for (u32 i = 0, end = std::max(a.size, b.size); i < end; i++)
      if (a.at(plane(p), i) != b.at(plane(p), i)) return false;
  return true;
}

}  // namespace

const clock* clock::of(u32 cluster) const {
  if (!foreign) return nullptr;
  const auto at = std::lower_bound(foreign->begin(), foreign->end(), cluster,
                                   [](const auto& entry, u32 number) { return entry.first < number; });
  return at != foreign->end() && at->first == cluster ? at->second.get() : nullptr;
}

void clock_ref::give_back() { clock_->pool->recycle(clock_); }

clock_pool::~clock_pool() {
  forget();
  for (clock* c : spare_) {
    delete[] c->values;
    delete c;
  }
}

void clock_pool::recycle(clock* c) {
  delete c->foreign;
  c->foreign = nullptr;
  spare_.push_back(c);
}

clock_ref clock_pool::zero(u32 size) {
  clock* c = nullptr;
  if (!spare_.empty()) {
    c = spare_.back();
    spare_.pop_back();
  } else {
    c = new clock;
    c->pool = this;
  }
  if (c->capacity < size) {
    delete[] c->values;
    c->capacity = std::bit_ceil(std::max(size, 64u));
    c->values = new u32[size_t(planes) * c->capacity];
  }
  c->size = size;
  c->used_planes = 1;
  std::memset(c->row(known), 0, size * sizeof(u32));
  return clock_ref(c);
}

clock_ref clock_pool::copy(const clock& from) {
  clock_ref to = zero(from.size);
  to->used_planes = from.used_planes;
  for (u32 p = 0; p < planes; p++)
    if (from.used_planes >> p & 1) std::memcpy(to->row(plane(p)), from.row(plane(p)), from.size * sizeof(u32));
  if (from.foreign) to->foreign = new clock::others(*from.foreign);
  return to;
}

void clock_pool::grow(clock_ref& to, u32 size) {
  if (to->size >= size) return;
  if (to->capacity < size) {
    clock_ref larger = zero(size);
    larger->used_planes = to->used_planes;
    std::swap(larger->foreign, to->foreign);
    for (u32 p = 0; p < planes; p++)
      if (to->used_planes >> p & 1) std::memcpy(larger->row(plane(p)), to->row(plane(p)), to->size * sizeof(u32));
    larger->size = to->size;
    to = std::move(larger);
  }
  for (u32 p = 0; p < planes; p++)
    if (to->used_planes >> p & 1) std::memset(to->row(plane(p)) + to->size, 0, (size - to->size) * sizeof(u32));
  to->size = size;
}

void clock_pool::set(clock_ref& to, plane p, u32 agent, u32 epoch) {
  if (epoch == 0) return;
  if (agent >= to->size) grow(to, agent + 1);
  if (!(to->used_planes >> p & 1)) {
    std::memset(to->row(p), 0, to->size * sizeof(u32));
    to->used_planes |= 1u << p;
  }
  u32& there = to->row(p)[agent];
  there = std::max(there, epoch);
}

void clock_pool::join(clock_ref& to, const clock& from) {
  grow(to, from.size);
  for (u32 p = 0; p < planes; p++) {
    if (!(from.used_planes >> p & 1)) continue;
    if (!(to->used_planes >> p & 1)) {
      std::memset(to->row(plane(p)), 0, to->size * sizeof(u32));
      to->used_planes |= 1u << p;
    }
    raise(to->row(plane(p)), from.row(plane(p)), from.size);
  }
  if (from.foreign)
    for (const auto& [cluster, clock] : *from.foreign) join_foreign(to, cluster, clock);
}

void clock_pool::join_foreign(clock_ref& to, u32 cluster, const clock_ref& from) {
  if (!to->foreign) to->foreign = new clock::others;
  clock::others& list = *to->foreign;
  const auto at = std::lower_bound(list.begin(), list.end(), cluster,
                                   [](const auto& entry, u32 number) { return entry.first < number; });
  if (at == list.end() || at->first != cluster) {
    list.emplace(at, cluster, from);
  } else if (!(at->second == from)) {
    at->second = joined(at->second, from);
  }
}

clock_pool::memory& clock_pool::remembered(result_of what, const clock_ref& a, const clock_ref& b) {
  const u64 mixed =
      (u64(reinterpret_cast<uintptr_t>(a.get())) * 3 + u64(reinterpret_cast<uintptr_t>(b.get())) * 5 + u64(what)) *
      0x9e3779b97f4a7c15ull;
  memory& slot = remembered_[mixed >> 56];
  if (slot.what != what || !(slot.a == a) || !(slot.b == b)) slot = {what, a, b, {}};
  return slot;
}

clock_ref clock_pool::joined(const clock_ref& a, const clock_ref& b) {
  if (a == b) return a;
  if (clock_ref& result = remembered(result_of::join, a, b).result) return result;
  clock_ref sum = copy(*a.get());
  join(sum, *b.get());
  if (same(*sum.get(), *a.get())) sum = a;
  else if (same(*sum.get(), *b.get())) sum = b;
  return remembered(result_of::join, a, b).result = sum;
}

clock_ref clock_pool::fenced(const clock_ref& c, plane p) {
  const result_of what = p == fenced_shared ? result_of::fence_shared : result_of::fence_global;
  if (clock_ref& result = remembered(what, c, c).result) return result;
  clock_ref sum = copy(*c.get());
  std::memcpy(sum->row(p), sum->row(known), sum->size * sizeof(u32));
  sum->used_planes |= 1u << p;
  if (sum->foreign)
    for (auto& [cluster, clock] : *sum->foreign) clock = fenced(clock, p);
  if (same(*sum.get(), *c.get())) sum = c;
  return remembered(what, c, c).result = sum;
}

clock_ref clock_pool::common(const clock_ref& a, const clock_ref& b) {
  if (a == b) return a;
  if (clock_ref& result = remembered(result_of::common, a, b).result) return result;
  clock_ref least = zero(std::min(a->size, b->size));
  for (u32 p = 0; p < planes; p++) {
    if (!((a->used_planes & b->used_planes) >> p & 1)) continue;
    least->used_planes |= 1u << p;
    const u32 *from_a = a->row(plane(p)), *from_b = b->row(plane(p));
    u32* to = least->row(plane(p));
    for (u32 i = 0; i < least->size; i++) to[i] = std::min(from_a[i], from_b[i]);
  }
  if (a->foreign)
    for (const auto& [cluster, clock] : *a->foreign)
      if (const auto* there = b->of(cluster))
        join_foreign(least, cluster, common(clock, clock_ref(const_cast<emulator::clock*>(there))));
  return remembered(result_of::common, a, b).result = least;
}

void clock_pool::forget() {
  for (memory& slot : remembered_) slot = {};
}

u32 thread_clock::of(plane p, u32 agent) const {
  for (const own_agent& each : own)
    if (each.agent == agent) return each.epoch[p];
  return 0;
}

void gather(clock_pool& pool, clock_ref& into, clock_ref& last, const thread_clock& thread) {
  if (!into) into = pool.copy(*thread.base.get());
  else if (!(last == thread.base)) pool.join(into, *thread.base.get());
  last = thread.base;
  for (const own_agent& each : thread.own)
    if (each.agent != no_agent)
      for (u32 p = 0; p < planes; p++) pool.set(into, plane(p), each.agent, each.epoch[p]);
}

bool observer::knows_foreign(const mark& earlier, plane p) const {
  const clock* there = base->of(earlier.cluster);
  return there && there->at(p, earlier.agent) >= earlier.epoch;
}

}  // namespace gemmact::emulator

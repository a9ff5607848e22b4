// Issue, groups and waits of wgmma.
#include "kernels/emulator/wgmma.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/collective.hpp"

namespace gemmact::emulator {
namespace {

constexpr u32 group_warps = 4, all_joined = 0xf;
const u32 poison = 0xffffffffu;

struct issue_call {
  const wgmma_call* product;
  float* d;
  const u32* a;
};

wgmma_group& group_of(const warp& w, const char* name, site at) {
  block& own = *w.in;
  if (w.index / group_warps < own.warpgroups.size()) return own.warpgroups[w.index / group_warps];
  fail(report_kind::bad_use, at,
       fmt::format("{}: the block's last {} warps are no warpgroup", name, own.warps.size() % group_warps));
}

u32 place_in_group(const warp& w) { return w.index % group_warps; }

bool same(const wgmma_call& a, const wgmma_call& b) {
  return a.type == b.type && a.n == b.n && a.a_along_mn == b.a_along_mn && a.b_along_mn == b.b_along_mn &&
         a.accumulate == b.accumulate && a.a_in_registers == b.a_in_registers && a.a == b.a && a.b == b.b;
}

void check_descriptor(u64 bits, char operand, site at) {
  constexpr u64 used = 0x3fffu | u64(0x3fff) << 16 | u64(0x3fff) << 32 | u64(3) << 62;
  if ((bits & ~used) == 0) return;
  fail(
      report_kind::bad_use, at,
      fmt::format("wgmma: descriptor {} = {:#018x} has a base offset, which is not emulated, or bits that mean nothing",
                  operand, bits));
}

// Registers that earlier products named may be of a variable that is no more: then nothing is compared with what lies there.
__attribute__((no_sanitize("address"))) void look_at(seen_registers& registers) {
  registers.words.resize(warp_lanes * registers.count);
  u32* to = registers.words.data();
  for (const u32* of : registers.of_lane)
    for (u32 i = 0; i < registers.count; ++i) *to++ = static_cast<const volatile u32*>(of)[i];
}

// The warp's product uses these registers: since its last fence they are as they were, where they are known.
void check_fenced(warp& w, const u32* const* of_lane, u32 count, char operand, site at) {
  auto& seen = w.products.seen;
  const auto known =
      std::find_if(seen.begin(), seen.end(), [&](const seen_registers& one) { return one.of_lane[0] == of_lane[0]; });
  if (known == seen.end() || known->count != count) {
    seen_registers& made = known == seen.end() ? seen.emplace_back() : *known;
    std::copy_n(of_lane, warp_lanes, made.of_lane);
    made.count = count;
    look_at(made);
    return;
  }
  for (u32 i = 0; i < warp_lanes * count; ++i) {
    if (of_lane[i / count] == known->of_lane[i / count] && of_lane[i / count][i % count] != known->words[i]) {
      fail_of(report_kind::bad_use, at, &w.lanes[i / count],
              fmt::format("wgmma: register {} of {} was written, and no wgmma_fence came after", i % count, operand));
    }
  }
}

// The accumulator that the warp's registers are a part of.
accumulator& find_accumulator(wgmma_group& group, const warp& w) {
  const u32 place = place_in_group(w);
  float* first = call_of<issue_call>(w, 0).d;
  for (accumulator& one : group.accumulators) {
    if (one.registers[place * warp_lanes] == first) return one;
  }
  return group.accumulators.emplace_back();
}

// The first product in flight takes the sums from the registers, which then hold poison.
void take_registers(accumulator& sums, warp& w, bool accumulate, site at) {
  const u32 place = place_in_group(w);
  if (sums.in_flight[place]++) return;
  if (w.products.fenced <= sums.published[place]) {
    fail(report_kind::bad_use, at, "wgmma: no wgmma_fence since the registers of D were the warp's own");
  }
  const u32* of_lane[warp_lanes];
  for (u32 i = 0; i < warp_lanes; ++i) of_lane[i] = reinterpret_cast<const u32*>(call_of<issue_call>(w, i).d);
  check_fenced(w, of_lane, sums.n / 2, 'D', at);
  for (u32 i = 0; i < warp_lanes; ++i) {
    float* own = call_of<issue_call>(w, i).d;
    sums.registers[place * warp_lanes + i] = own;
    for (u32 v = 0; v < sums.n / 2; ++v) {
      const tile_place in_tile = fragment_d(i, v);
      if (accumulate) sums.sums[(16 * place + in_tile.row) * sums.n + in_tile.col] = double(own[v]);
      own[v] = bit_cast<float>(poison);
    }
  }
}

void take_a(wgmma_operation& of, warp& w, site at) {
  const u32 first = place_in_group(w) * warp_lanes;
  for (u32 i = 0; i < warp_lanes; ++i) {
    of.a_places[first + i] = call_of<issue_call>(w, i).a;
    std::copy_n(of.a_places[first + i], 4, &of.a_registers[4 * (first + i)]);
  }
  check_fenced(w, &of.a_places[first], 4, 'A', at);
}

void check_a_kept(const wgmma_operation& of, const warp& w, site at) {
  const u32 first = place_in_group(w) * warp_lanes;
  for (u32 i = 0; of.call.a_in_registers && i < warp_lanes * 4; ++i) {
    if (of.a_places[first + i / 4][i % 4] == of.a_registers[4 * first + i]) continue;
    fail_of(report_kind::bad_use, at, &w.lanes[i / 4],
            fmt::format("wgmma_wait: register {} of A was written while the product was under way", i % 4));
  }
}

void publish(accumulator& sums, warp& w, site at) {
  const u32 place = place_in_group(w);
  if (--sums.in_flight[place]) return;
  sums.published[place] = w.products.time++;
  for (u32 i = 0; i < warp_lanes; ++i) {
    float* own = sums.registers[place * warp_lanes + i];
    for (u32 v = 0; v < sums.n / 2; ++v) {
      if (bit_cast<u32>(own[v]) != poison) {
        fail_of(report_kind::bad_use, at, &w.lanes[i],
                fmt::format("wgmma_wait: register {} of D was written while a product was under way in it", v));
      }
      const tile_place in_tile = fragment_d(i, v);
      own[v] = float(sums.sums[(16 * place + in_tile.row) * sums.n + in_tile.col]);
    }
  }
}

// All four warps have come: what is read is known, and may be read from now on.
void start(wgmma_group& group, wgmma_operation& of) {
  block& in = *group.in;
  if (!of.call.a_in_registers) of.a_runs = find_runs(of, in, true);
  of.b_runs = find_runs(of, in, false);
  if (auto* races = races_of(in)) {
    const call_site call{"wgmma", of.at.file, of.at.line};
    const actor who = races->by_wgmma(in.warps[group.first_warp].lanes[0].agent);
    for (const auto* runs : {&of.a_runs, &of.b_runs}) {
      for (u32 offset : *runs) races->access(who, shared_range{in.rank, offset, 16}, access_kind::read, call);
    }
  }
  if (group.to_land++ == 0) gpu->multiplying.push_back(&group);
  for (lane* waiting : group.waiting) make_ready(*waiting->in, 1u << waiting->index);
  group.waiting.clear();
}

void land(wgmma_group& group, wgmma_operation& of) {
  trace_event(u64(2) << 40 | u64(group.first_warp) << 32 | of.serial);
  multiply(of, group.in->shared);
  of.landed = true;
  if (--group.to_land == 0) std::erase(gpu->multiplying, &group);
}

[[noreturn]] void refuse_registers(const warp& w, u32 count, u32 calls, site at) {
  fail_of(
      report_kind::bad_use, at, &w.lanes[0],
      fmt::format("increase_registers, decrease_registers: the warp has {} registers after {} calls, another of its "
                  "warpgroup {} after {}",
                  w.registers, w.register_calls, count, calls));
}

void join(wgmma_group& group, warp& w, const wgmma_call& call, site at) {
  const u64 serial = w.products.issued++;
  if (serial - group.first == group.operations.size()) {
    wgmma_operation& made = group.operations.emplace_back();
    made.call = call;
    made.at = at;
    made.serial = serial;
    made.sums = &find_accumulator(group, w);
    made.registers = w.registers;
    made.register_calls = w.register_calls;
    if (made.sums->n != call.n) {
      for (u32 count : made.sums->in_flight) {
        if (count)
          fail(report_kind::bad_use, at,
               fmt::format("wgmma: n = {} on registers D in which products of n = {} are under way", call.n,
                           made.sums->n));
      }
      made.sums->n = call.n;
      made.sums->sums.assign(64 * call.n, 0.0);
    }
    if (call.a_in_registers) made.a_registers.resize(128 * 4), made.a_places.resize(128);
  }
  wgmma_operation& of = group.operations[serial - group.first];
  if (!same(of.call, call) || !(of.at == at)) {
    fail(report_kind::divergence, at,
         fmt::format("wgmma: another warp of the warpgroup gave other descriptors or came to the one at {}:{}",
                     of.at.file, of.at.line));
  }
  if (of.registers != w.registers || of.register_calls != w.register_calls)
    refuse_registers(w, of.registers, of.register_calls, at);
  const u32 place = place_in_group(w);
  float* own = call_of<issue_call>(w, 0).d;
  if (of.sums->in_flight[place] && of.sums->registers[place * warp_lanes] != own) {
    fail(report_kind::divergence, at, "wgmma: the warps of the warpgroup name different registers D");
  }
  take_registers(*of.sums, w, call.accumulate, at);
  if (call.a_in_registers) take_a(of, w, at);
  if (auto* races = races_of(*w.in)) races->wgmma_came(w.lanes[0].agent);
  of.joined |= 1u << place;
  if (of.joined == all_joined) start(group, of);
}

// The warp goes on when the products below `end` have happened.
void wait_for(wgmma_group& group, warp& w, u64 end, site at) {
  while (w.products.published < end) {
    const u64 serial = w.products.published;
    if (group.operations[serial - group.first].joined != all_joined) {
      current->for_what = waiting::wgmma;
      current->at = at;
      group.waiting.push_back(current);
      w.ready = 0;
      leave();
      current->for_what = waiting::nothing;
      continue;
    }
    wgmma_operation& of = group.operations[serial - group.first];
    if (!of.landed) land(group, of);
    check_a_kept(of, w, at);
    publish(*of.sums, w, at);
    ++w.products.published;
  }
  // What all four have waited for is forgotten.
  const warp* warps = &w.in->warps[group.first_warp];
  u64 oldest = warps[0].products.published;
  for (u32 i = 1; i < group_warps; ++i) oldest = std::min(oldest, warps[i].products.published);
  for (; group.first < oldest; ++group.first) group.operations.pop_front();
}

}  // namespace

bool land_wgmma(wgmma_group& group) {
  // Products happen in the order of their issue where they add to the same registers.
  std::vector<wgmma_operation*> possible;
  std::vector<accumulator*> busy;
  for (wgmma_operation& of : group.operations) {
    if (of.landed) continue;
    const bool later = std::find(busy.begin(), busy.end(), of.sums) != busy.end();
    busy.push_back(of.sums);
    if (!later && of.joined == all_joined) possible.push_back(&of);
  }
  if (possible.empty()) return false;
  land(group, *possible[draw_below(u32(possible.size()))]);
  return true;
}

void check_wgmma_end(const wgmma_group& group) {
  const warp& first = group.in->warps[group.first_warp];
  for (u32 i = 1; i < group_warps; ++i) {
    const warp& w = group.in->warps[group.first_warp + i];
    if (w.registers != first.registers || w.register_calls != first.register_calls)
      refuse_registers(w, first.registers, first.register_calls, {});
  }
  for (u32 i = 0; i < group_warps; ++i) {
    const warp& w = group.in->warps[group.first_warp + i];
    if (w.products.published == w.products.issued) continue;
    fail_of(report_kind::leftover, group.operations[w.products.published - group.first].at, &w.lanes[0],
            "wgmma: the block ends and the warp has not waited for this product");
  }
}

void wgmma(const wgmma_call& call, float* d, const u32* a_registers, site at) {
  issue_call own{&call, d, a_registers};
  if (!come_together(collective::wgmma, &own, at)) return;
  warp& w = *current->in;
  for (u32 i = 0; i < warp_lanes; ++i) {
    if (same(*call_of<issue_call>(w, i).product, call)) continue;
    fail(report_kind::divergence, at,
         fmt::format("wgmma: lanes {} and {} give different descriptors", i, current->index));
  }
  if (!call.a_in_registers) check_descriptor(call.a, 'A', at);
  check_descriptor(call.b, 'B', at);
  join(group_of(w, "wgmma", at), w, call, at);
  warp_goes_on(w);
  point();
}

void wgmma_fence(site at) {
  if (gpu->sites.reach(sync_kind::wgmma_fence, at) == change::skip) return;
  if (!come_together(collective::wgmma_fence, nullptr, at)) return;
  warp& w = *current->in;
  group_of(w, "wgmma_fence", at);
  w.products.fenced = w.products.time++;
  for (seen_registers& each : w.products.seen) look_at(each);
  warp_goes_on(w);
}

void wgmma_commit(site at) {
  if (gpu->sites.reach(sync_kind::wgmma_commit, at) == change::skip) return;
  if (!come_together(collective::wgmma_commit, nullptr, at)) return;
  warp& w = *current->in;
  group_of(w, "wgmma_commit", at);
  w.products.group_ends.push_back(w.products.issued);
  if (auto* races = races_of(*w.in)) races->wgmma_commit(w.lanes[0].agent);
  warp_goes_on(w);
  point();
}

void wgmma_wait(u32 pending, site at) {
  const change disturbance = gpu->sites.reach(sync_kind::wgmma_wait, at);
  if (disturbance == change::skip) return;
  if (disturbance == change::leave_one_more) ++pending;
  if (!come_together(collective::wgmma_wait, nullptr, at)) return;
  warp& w = *current->in;
  wgmma_group& group = group_of(w, "wgmma_wait", at);
  const auto& ends = w.products.group_ends;
  if (ends.size() > pending) wait_for(group, w, ends[ends.size() - pending - 1], at);
  if (auto* races = races_of(*w.in)) races->wgmma_wait(w.lanes[0].agent, pending);
  warp_goes_on(w);
  point();
}

}  // namespace gemmact::emulator

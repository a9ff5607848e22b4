// What is wrong, in words.
#include <fmt/format.h>

#include "kernels/emulator/machine.hpp"

namespace gemmact::emulator {

const char* name_of(schedule order) {
  switch (order) {
    case schedule::uniform:
      return "uniform";
    case schedule::sticky:
      return "sticky";
    case schedule::latest:
      return "latest";
    case schedule::priority:
      return "priority";
  }
  return "?";
}

const char* name_of(report_kind kind) {
  switch (kind) {
    case report_kind::deadlock:
      return "deadlock";
    case report_kind::divergence:
      return "divergence";
    case report_kind::race:
      return "race";
    case report_kind::poison:
      return "poison";
    case report_kind::out_of_bounds:
      return "out of bounds";
    case report_kind::misaligned:
      return "misaligned";
    case report_kind::leftover:
      return "leftover";
    case report_kind::bad_use:
      return "bad use";
  }
  return "?";
}

std::string name_of(const lane& who) {
  return fmt::format("block {}, warp {}, lane {}", who.in->in->index, who.in->index, who.index);
}

std::string result::text() const {
  if (!found) return "no report";
  return fmt::format("{}: {}\n  replay: {}", name_of(found->kind), found->text, replay);
}

void fail_of(report_kind kind, site at, const lane* who, const std::string& text) {
  machine& m = *gpu;
  const std::string place = at.line ? fmt::format("{}:{}: ", at.file, at.line) : "";
  const std::string lane_name = who ? name_of(*who) + ": " : "";
  if (!m.found) m.found = report{kind, fmt::format("{}: {}{}{}", m.how.kernel, place, lane_name, text), at};
  throw launch_ended();
}

void fail(report_kind kind, site at, const std::string& text) { fail_of(kind, at, current, text); }

namespace {

std::string lanes_text(u32 lanes) {
  if (lanes == all_lanes) return "all lanes";
  if ((lanes & (lanes - 1)) == 0) return fmt::format("lane {}", __builtin_ctz(lanes));
  return fmt::format("lanes {:#010x}", lanes);
}

std::string barrier_text(const lane& who) {
  const mbarrier* barrier = who.in->in->barriers.find(who.address);
  if (!barrier) return fmt::format("the mbarrier {:#x}, which is no more", who.address);
  return fmt::format("mbarrier {:#x}, parity {}: phase {}, {} of {} arrivals and {} bytes missing, {} copies under way",
                     who.address, who.parity, barrier->phase, barrier->pending, barrier->expected, barrier->tx,
                     barrier->under_way);
}

std::string wait_text(const lane& who) {
  switch (who.for_what) {
    case waiting::mbarrier:
      return barrier_text(who);
    case waiting::registers:
      return fmt::format("registers, {} are free", who.in->in->free_registers);
    case waiting::wgmma:
      return "the other warps of its warpgroup to issue the same wgmma";
    default:
      return "nothing that is known";
  }
}

std::string collective_text(const warp& w) {
  const block& own = *w.in;
  if (w.arrived != w.live) return fmt::format("the rest of the warp, in {}", name_of(w.what));
  switch (w.what) {
    case collective::sync_block:
      return fmt::format("sync_block, where {} of {} warps are", own.at_barrier.size(), own.live_warps);
    case collective::cluster_wait:
      return fmt::format("cluster_wait, {} of {} warps arrived in phase {}", own.in->arrivals,
                         own.in->live_warps + own.in->ended_arrivals, own.in->phase);
    case collective::sync_named:
      for (u32 id = 1; id < own.named.size(); ++id) {
        for (const warp* other : own.named[id].waiting) {
          if (other == &w) {
            return fmt::format("sync_named<{}>, where {} of {} threads came", id, own.named[id].came,
                               own.named[id].expected);
          }
        }
      }
      break;
    default:
      break;
  }
  return name_of(w.what);
}

// One line for the lanes that wait for the same thing at the same place.
void describe(const warp& w, std::string& text) {
  const auto line = [&](u32 lanes, site at, const std::string& what) {
    text += fmt::format("\n  block {}, warp {}, {}: {}:{}: waits for {}", w.in->index, w.index, lanes_text(lanes),
                        at.file, at.line, what);
  };
  u32 rest = w.live;
  if (w.arrived) {
    const lane& last = w.lanes[31 - __builtin_clz(w.arrived)];
    u32 apart = 0;  // the one that acts for the warp may itself wait for something
    for (u32 i = 0; i < warp_lanes; ++i) apart |= u32(w.lanes[i].for_what != waiting::nothing) << i;
    apart &= w.arrived;
    if (apart) line(w.arrived, w.lanes[__builtin_ctz(apart)].at, wait_text(w.lanes[__builtin_ctz(apart)]));
    else line(w.arrived, w.at, collective_text(last.in[0]));
    rest &= ~w.arrived;
  }
  while (rest) {
    const lane& first = w.lanes[__builtin_ctz(rest)];
    u32 same = 0;
    for (u32 i = 0; i < warp_lanes; ++i) {
      const lane& other = w.lanes[i];
      const bool alike = other.for_what == first.for_what && other.address == first.address &&
                         other.parity == first.parity && other.at == first.at;
      same |= u32(alike) << i;
    }
    same &= rest;
    line(same, first.at, wait_text(first));
    rest &= ~same;
  }
}

// A warp of which a part is at an instruction for all of it, while the rest can never come.
const warp* torn_warp() {
  for (const auto& c : gpu->resident) {
    for (const auto& b : c->blocks) {
      for (const warp& w : b->warps) {
        if (w.arrived && w.arrived != w.live) return &w;
      }
    }
  }
  return nullptr;
}

}  // namespace

void report_deadlock() {
  std::string text = "nothing can go on";
  site first;
  const lane* who = nullptr;
  for (const auto& c : gpu->resident) {
    for (const auto& b : c->blocks) {
      for (const warp& w : b->warps) {
        if (!w.live) continue;
        if (!who) {
          who = &w.lanes[__builtin_ctz(w.live)];
          first = w.arrived >> who->index & 1 ? w.at : who->at;
        }
        describe(w, text);
      }
    }
  }
  if (const warp* torn = torn_warp()) {
    fail_of(report_kind::divergence, torn->at, &torn->lanes[__builtin_ctz(torn->arrived)],
            fmt::format("only lanes {:#010x} of the warp came to {}; {}", torn->arrived, name_of(torn->what), text));
  }
  fail_of(report_kind::deadlock, first, who, text);
}

}  // namespace gemmact::emulator

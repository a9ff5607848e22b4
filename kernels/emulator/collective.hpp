// How the lanes of a warp come together for an instruction that the whole warp executes.
#pragma once
#include "kernels/emulator/machine.hpp"

namespace gemmact::emulator {

[[noreturn]] void report_divergence(collective, site);

// Instructions that wait for the lanes that have not returned; all others are undefined once a lane has.
constexpr bool forgives_returned(collective what) {
  return what == collective::sync_block || what == collective::cluster_arrive || what == collective::cluster_wait;
}

// True in the lane that comes last: it acts for the whole warp and then calls warp_goes_on(). In the others it returns false after that.
inline bool come_together(collective what, void* call, site at) {
  lane& me = *current;
  warp& w = *me.in;
  if (w.arrived == 0) {
    w.what = what;
    w.at = at;
  } else if (w.what != what || !(w.at == at)) {
    report_divergence(what, at);
  }
  me.call = call;
  const u32 bit = 1u << me.index;
  w.arrived |= bit;
  if (w.arrived == all_lanes) return true;
  if (w.live != all_lanes) {
    if (!forgives_returned(what)) report_divergence(what, at);
    if (w.arrived == w.live) return true;
  }
  w.ready &= ~bit;
  if (const u32 later = w.ready & (0u - bit)) {  // the usual case of leave()
    lane& to = w.lanes[__builtin_ctz(later)];
    current = &to;
    jump(me, to);
  } else {
    leave();
  }
  return false;
}

// The arguments that lane `index` came with.
template <class T>
T& call_of(const warp& w, u32 index) {
  return *static_cast<T*>(w.lanes[index].call);
}

inline void warp_goes_on(warp& w) {
  w.arrived = 0;
  make_ready(w, w.live);
}

}  // namespace gemmact::emulator

// Barriers in shared memory that count arrivals and bytes.
#pragma once
#include <deque>
#include <vector>

#include "kernels/emulator/race_detector.hpp"
#include "kernels/emulator/site.hpp"

namespace gemmact::emulator {

struct block;
struct lane;

struct mbarrier {
  u32 address = 0;  // in its block's window
  u64 phase = 0;
  u32 expected = 0, pending = 0;
  i64 tx = 0;         // bytes still to come; below 0 where they came before they were expected
  u32 under_way = 0;  // copies that will complete on it
  u64 copied = 0,
      awaited = 0;  // phases up to the last with an arrival of cp_async_arrive; that somebody has seen complete
  barrier_id race_id = 0;
  std::vector<lane*> waiting;
  site initialised;
};

struct mbarriers {
  std::deque<mbarrier> all;  // an invalidated one has address 0
  mbarrier* find(u32 address) {
    for (mbarrier& one : all) {
      if (one.address == address) return &one;
    }
    return nullptr;
  }
};

// The barrier of a call; refuses what has not been initialised.
mbarrier& live_barrier(block&, u32 address, const call_site&);
// An asynchronous arrival, and bytes that have landed.
void count_arrival(block&, mbarrier&, const call_site&);
void count_bytes(block&, mbarrier&, u32 bytes, const call_site&);

}  // namespace gemmact::emulator

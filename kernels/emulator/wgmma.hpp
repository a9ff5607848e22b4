// Products of warpgroups that are under way.
#pragma once
#include <deque>
#include <vector>

#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/race_detector.hpp"

namespace gemmact::emulator {

struct block;
struct warp;

// The registers D of 64 x n sums. A warp's part is in flight from its first wgmma on them to the wait that covers its last.
struct accumulator {
  u32 n = 0;
  float* registers[128] = {};
  std::vector<float> sums;  // [64][n]
  u32 in_flight[4] = {};    // products that a warp has issued and not waited for
  u64 published[4] = {};    // the warp's time when they came back to the registers
};

struct wgmma_operation {
  wgmma_call call{};
  site at;
  accumulator* sums = nullptr;
  std::vector<u32> a;  // [128][4], where A is in registers
  u32 joined = 0;      // warps that have issued it
  bool landed = false;
};

struct wgmma_group {
  block* in = nullptr;
  u32 first_warp = 0;
  u64 first = 0;  // serial of operations.front()
  std::deque<wgmma_operation> operations;
  std::deque<accumulator> accumulators;
  std::vector<warp*> waiting;
  bool listed = false;  // among the machine's
};

struct wgmma_warp {
  u64 issued = 0;               // serial of the next one
  u64 published = 0;            // serials below have been waited for
  std::vector<u64> group_ends;  // serials at the commits, of all groups
  u64 time = 0, fenced = 0;     // counts fences and publications; when the last fence was
};

// One product of the warpgroup that may happen now does; false if there is none.
bool land_wgmma(wgmma_group&);

}  // namespace gemmact::emulator

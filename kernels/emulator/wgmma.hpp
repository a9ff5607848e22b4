// Products of warpgroups that are under way.
#pragma once
#include <deque>
#include <vector>

#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/race_detector.hpp"

namespace gemmact::emulator {

struct block;
struct lane;
struct warp;

// What registers of a warp's lanes held when they were last seen: at its wgmma_fence, or where a product first took them.
struct seen_registers {
  const u32* of_lane[32] = {};
  u32 count = 0;           // words of a lane
  std::vector<u32> words;  // lane by lane
};

// The registers D of 64 x n sums. A warp's part is in flight from its first wgmma on them to the wait that covers its last.
struct accumulator {
  u32 n = 0;
  float* registers[128] = {};
  std::vector<double> sums;  // [64][n] while in flight, each an f32
  u32 in_flight[4] = {};     // products that a warp has issued and not waited for
  u64 published[4] = {};     // the warp's time when its part came back to the registers
};

struct wgmma_operation {
  wgmma_call call{};
  site at;
  u64 serial = 0;
  accumulator* sums = nullptr;
  std::vector<const u32*> a_places;       // of 128 lanes; unchanged until the product has been waited for
  std::vector<u32> a_registers;           // [128][4], where A is in registers
  std::vector<u32> a_runs, b_runs;        // where the operands' runs of 16 bytes lie in the block's memory
  u32 joined = 0;                         // warps that have issued it
  u32 registers = 0, register_calls = 0;  // of the first that did
  bool landed = false;
};

struct wgmma_group {
  block* in = nullptr;
  u32 first_warp = 0;
  u64 first = 0;  // serial of operations.front()
  u32 to_land = 0;
  std::deque<wgmma_operation> operations;
  std::deque<accumulator> accumulators;
  std::vector<lane*> waiting;  // for other warps to join
};

struct wgmma_warp {
  u64 issued = 0;                    // serial of the next one
  u64 published = 0;                 // serials below have been waited for
  std::vector<u64> group_ends;       // serials at the commits, of all groups
  std::vector<seen_registers> seen;  // A and D of all products, as the last fence found them
  u64 time = 1, fenced = 0;          // counts fences and publications; when the last fence was
};

// One product of the warpgroup that may happen now does; false if there is none.
bool land_wgmma(wgmma_group&);

// ---- What a product reads and makes (wgmma_product.cpp) ----
// Where the runs of an operand that is in shared memory lie in the block's.
std::vector<u32> find_runs(const wgmma_operation&, block&, bool is_a);
void multiply(const wgmma_operation&, const unsigned char* shared);

}  // namespace gemmact::emulator

// What a launch consists of: lanes in warps in blocks in clusters on one machine. Only kernels/emulator includes it.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "kernels/emulator/bulk.hpp"
#include "kernels/emulator/cp_async.hpp"
#include "kernels/emulator/emulator.hpp"
#include "kernels/emulator/fiber.hpp"
#include "kernels/emulator/mbarrier.hpp"
#include "kernels/emulator/race_detector.hpp"
#include "kernels/emulator/wgmma.hpp"

namespace gemmact::emulator {

struct block;
struct cluster;
struct warp;

inline constexpr u32 warp_lanes = 32;
inline constexpr u32 all_lanes = 0xffffffffu;

// What a lane that does not run waits for.
enum class waiting : u8 { nothing, warp, mbarrier, named, block, cluster, registers, wgmma };

struct lane : fiber {
  warp* in = nullptr;
  u32 index = 0;   // in the warp
  u32 thread = 0;  // in the block
  u32 agent = 0;   // thread of the cluster, as the race detector counts
  waiting for_what = waiting::nothing;
  u32 parity = 0, address = 0;  // of the barrier waited for
  u64 phase = 0;
  void* call = nullptr;      // the arguments of the warp's instruction that it has reached
  site at;                   // where it waits
  std::vector<u32> reached;  // times, by the site's number in the table, where they are counted
  copy_queue copies;
  bulk_groups bulk;
};

// Instructions that a warp executes as one.
enum class collective : u8 {
  none,
  sync_warp,
  shuffle,
  shuffle_xor,
  ballot,
  elect,
  ldmatrix,
  stmatrix,
  mma,
  registers,
  wgmma,
  wgmma_fence,
  wgmma_commit,
  wgmma_wait,
  sync_named,
  arrive_named,
  sync_block,
  cluster_arrive,
  cluster_wait,
};
const char* name_of(collective);

struct warp {
  block* in = nullptr;
  lane* lanes = nullptr;
  u32 index = 0;    // in the block
  u32 ready = 0;    // lanes that can go on, the running one included
  u32 arrived = 0;  // lanes that came to `what` at `at`
  u32 live = 0;     // lanes that have not returned
  collective what = collective::none;
  site at;
  u32 resume = 0;                         // the lane to go on with
  i32 position = -1;                      // among the warps that can run
  u32 registers = 0, register_calls = 0;  // of a thread, as setmaxnreg left it; how often
  u64 priority = 0;
  u64 number = 0;                               // in the launch
  u64 cluster_arrived = 0, cluster_waited = 0;  // phases of the cluster's barrier, counted from 1
  bool releases = false;                        // the arrival under way
  wgmma_warp products;
};

struct named_barrier {
  u32 expected = 0, came = 0;  // threads
  site last;                   // where the latest came
  std::vector<warp*> waiting;
  meeting_id race_meeting = 0;  // plus one; 0: none yet
};

struct block {
  cluster* in = nullptr;
  u32 index = 0, rank = 0;
  std::vector<lane> lanes;
  std::vector<warp> warps;
  unsigned char* shared = nullptr;  // aligned to 1024
  std::unique_ptr<unsigned char[]> memory;
  u32 live_warps = 0;
  std::vector<warp*> at_barrier;  // waiting in sync_block
  std::array<named_barrier, 16> named;
  mbarriers barriers;
  std::vector<wgmma_group> warpgroups;
  u32 free_registers = 0;  // of the multiprocessor's share, for setmaxnreg
  bool done() const { return live_warps == 0; }
};

struct cluster {
  std::unique_ptr<cluster_races> races;  // null where they are not looked for
  meeting_id race_meeting = 0;
  std::vector<std::unique_ptr<block>> blocks;
  std::vector<u32> slots;  // of multiprocessors, one a block; they own the stacks
  u32 live_blocks = 0, live_warps = 0;
  u64 arrivals = 0, ended_arrivals = 0;  // of the phase: warps that have arrived; those of them that have since ended
  u64 phase = 0;
  std::vector<warp*> waiting;
};

}  // namespace gemmact::emulator

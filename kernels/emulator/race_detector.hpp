// Finds pairs of conflicting accesses to shared and global memory that nothing orders, whatever the schedule made of them.
//
// Agents are what acts: every thread of a cluster; beside it the streams of asynchronous work that it started (its cp.async
// copies, the reads and the writes of its bulk stores), the loads that complete on an mbarrier, and the wgmma of a
// warpgroup. An access is marked (agent, epoch) in the shadow of its bytes. Each thread has a vector clock K: the latest
// epoch of each agent that happened before; waits, barriers and acquires raise it. Two more clocks FS, FG <= K hold what
// has also passed a proxy fence for shared and for global memory. What must be known of an earlier conflicting access:
//
//   earlier          later                       known to
//   any              generic (threads, cp.async) K of the thread (cp.async: of the thread that starts it, when it does)
//   async            async (TMA, bulk, wgmma)    K of the thread that starts it (wgmma: of each of the 128)
//   generic          async                       FS, FG likewise
//
// Reads do not conflict with reads, nor atomics with atomics. Completions of asynchronous work tell of this work alone, not
// of what its starter knew. Threads of different clusters are ordered by release and acquire of global words only.
//
// The caller names a thread by its dense number in the cluster, rank of the block * threads of a block + thread_index, and
// calls in the order in which it lets things happen. Everything is of one launch; a new launch needs a new detector.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "kernels/base/config.hpp"

namespace gemmact::emulator {

class memory_registry;

// Which call of a kernel acts. The texts are literals: they are kept as pointers.
struct call_site {
  const char* operation;  // "ldmatrix"
  const char* file;
  u32 line;
};

enum class access_kind : u8 { read, write, atomic };

// Of a block of the cluster.
struct shared_range {
  u32 rank;
  u32 offset, bytes;  // bytes > 0, inside the block's shared memory
};

// Of an array of the memory registry.
struct global_range {
  u32 array;
  u64 offset, bytes;  // bytes > 0, inside the array
};

// Who can be relied on: mbarrier_wait acquires what the own block released, mbarrier_wait_cluster all of it.
enum class sync_scope : u8 { block, cluster };

using barrier_id = u32;  // an mbarrier from init to invalidate
using meeting_id = u32;  // a named barrier or the cluster's

struct clock;
struct thread_clock;
struct grid_state;
struct cluster_state;

// Who makes an access; made by the functions by_…() of cluster_races, for use at once.
struct actor {
  u32 agent, epoch;
  bool async;               // through the async proxy
  const clock* base;        // whose knowledge counts,
  const thread_clock* own;  // and what this thread knows beyond it
};

struct grid_shape {
  u32 blocks, cluster_blocks, block_threads, shared_bytes;  // shared_bytes: static and dynamic, of a block
};

class cluster_races;

class race_detector {
 public:
  // `on_race` gets each finding as a text of several lines; it may throw. Arrays of the registry that are read-only need no
  // shadow. The registry must outlive the detector and have all its arrays.
  race_detector(const grid_shape&, const memory_registry&, std::function<void(const std::string&)> on_race);
  ~race_detector();
  race_detector(const race_detector&) = delete;
  race_detector& operator=(const race_detector&) = delete;

  // A cluster starts: blocks first_block … first_block + cluster_blocks - 1, with fresh shared memory. Destroy it when it has
  // ended; its accesses to global memory stay.
  std::unique_ptr<cluster_races> begin_cluster(u32 first_block);

  u64 races() const;               // found so far
  const call_site& place() const;  // of the latest
  u64 accesses() const;            // looked at so far

 private:
  std::unique_ptr<grid_state> state_;
};

// One running cluster. `thread` is the dense number; it must be below cluster_blocks * block_threads.
class cluster_races {
 public:
  ~cluster_races();
  cluster_races(const cluster_races&) = delete;
  cluster_races& operator=(const cluster_races&) = delete;

  // ---- Accesses. Of asynchronous work: when it is started, not when it lands. ----
  void access(const actor&, const shared_range&, access_kind, const call_site&);
  void access(const actor&, const global_range&, access_kind, const call_site&);

  actor by_thread(u32 thread);                   // loads, stores, ldmatrix, stmatrix (a call for each row), add_global
  actor by_cp_async(u32 thread);                 // reads global, writes shared
  actor by_bulk_store(u32 thread, access_kind);  // read: of shared memory; write, atomic (tma_add): of global memory
  // Reads global, writes shared; for multicast with each destination's barrier. Then landed() when its bytes have landed.
  actor by_bulk_load(u32 thread, barrier_id, const call_site&);
  // Reads shared memory. Each warp of a warpgroup comes to the wgmma at a time of its own; when the last has come, the actor
  // for all its operands is made, before any other of the warpgroup's.
  void wgmma_came(u32 first_thread_of_warp);
  actor by_wgmma(u32 first_thread_of_warpgroup);

  // ---- Threads meet. ----
  // sync_block, sync_warp: threads first … first + count - 1 have all come, and go on.
  void meet(u32 first, u32 count);
  // sync_named, arrive_named, cluster barrier: release() for the threads first … first + count - 1 that come  when the last one has, acquire() for each that has waited, before the meeting completes once more.
  meeting_id new_meeting();
  void release(meeting_id, u32 first, u32 count);
  // arrive_relaxed: of what was before, only that the block runs, its uses of other blocks' memory, and mbarriers that the
  // thread itself has initialised and fenced.
  void release_relaxed(meeting_id, u32 first, u32 count);
  void complete(meeting_id);
  void acquire(meeting_id, u32 first, u32 count);

  // ---- mbarriers. ----
  // Other threads may use a barrier once its initialisation, fenced, happened before; the memory is its own until
  // barrier_invalidate().
  barrier_id barrier_init(u32 thread, const shared_range& where, const call_site&);
  void barrier_init_fence(u32 thread);
  void barrier_invalidate(u32 thread, barrier_id, const call_site&);
  void barrier_arrive(u32 thread, barrier_id, const call_site&);  // arrive, arrive_expect
  void barrier_expect(u32 thread, barrier_id, const call_site&);  // orders nothing, but the barrier must exist
  // The bytes that an actor of by_bulk_load() wrote or read have landed: called before they count on the barrier.
  void landed(barrier_id, const shared_range&);
  void landed(barrier_id, const global_range&);
  void barrier_complete(barrier_id);  // its phase completes
  // The thread has seen phase `phase` (0, 1, …) complete, one of the last two. A fresh barrier's parity 1 is phase ~0u:
  // nothing is acquired.
  void barrier_wait(u32 thread, barrier_id, u32 phase, sync_scope, const call_site&);

  // ---- Blocks of a cluster live at the same time only while something says so. ----
  // The thread is about to use another block's shared memory: that block must be known to run.
  void block_needed(u32 thread, u32 rank, const call_site&);
  // ... and does; the block must not end before somebody of it knows that this is done.
  void block_used(u32 thread, u32 rank, const call_site&);
  // What the block of this rank, which has ended, did not know to be done; empty if there is nothing. `place`: of that use.
  std::string unknown_at_end(u32 rank, call_site& place);

  // ---- The kernel before, where it may still run. ----
  void previous_kernel_ended(u32 thread);  // wait_for_previous_kernel
  bool knows_previous_kernel_ended(u32 thread) const;

  // ---- Groups of asynchronous work; pending as in the calls of kernels/arch. ----
  void cp_async_commit(u32 thread);
  void cp_async_wait(u32 thread, u32 pending);
  // Gives the mark for cp_async_arrived(): the copies made before it have landed, and the barrier counts the arrival.
  u32 cp_async_arrive(u32 thread, barrier_id, const call_site&);
  void cp_async_arrived(u32 thread, barrier_id, u32 mark);
  void bulk_commit(u32 thread);
  void bulk_wait_read(u32 thread, u32 pending);
  void bulk_wait(u32 thread, u32 pending);
  void wgmma_commit(u32 first_thread_of_warp);
  void wgmma_wait(u32 first_thread_of_warp, u32 pending);

  // ---- Fences and global words. ----
  void fence_proxy_async(u32 thread);  // shared memory
  void fence_proxy_async_global(u32 thread);
  void load_acquire(u32 thread, const global_range&, const call_site&);
  void store_release(u32 thread, const global_range&, const call_site&);
  void add_acquire_release(u32 thread, const global_range&, const call_site&);

 private:
  friend class race_detector;
  explicit cluster_races(std::unique_ptr<cluster_state>);
  std::unique_ptr<cluster_state> state_;
};

}  // namespace gemmact::emulator

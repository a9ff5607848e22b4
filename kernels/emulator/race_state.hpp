// What the race detector keeps. Only race_*.cpp include it.
#pragma once
#include <array>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kernels/emulator/clock.hpp"
#include "kernels/emulator/memory.hpp"
#include "kernels/emulator/race_detector.hpp"
#include "kernels/emulator/shadow.hpp"

namespace gemmact::emulator {

enum class agent_kind : u8 { thread, cp_async, bulk_read, bulk_write, bulk_load, barrier_memory, wgmma, knowledge };

// `knowledge` does nothing: its epochs tell of an event that somebody has come to know.
// Agents of one kind with consecutive numbers; the first is of `owner`: a thread, a barrier's place (rank << 32 | offset)
// or the first thread of a warpgroup, the others of the next threads.
struct agent_range {
  agent_kind kind;
  u32 first, count;
  u64 owner;
};

// What is needed to name the agents of a cluster, even after it has ended.
struct cluster_agents {
  u32 first_block = 0;
  u32 count = 0;
  std::vector<agent_range> ranges;
  cluster_state* running = nullptr;
};

struct grid_state {
  static constexpr u32 cached_sites = 1024;
  struct cached_site {
    call_site site{};
    u16 number = 0;
  };

  grid_shape shape;
  const memory_registry* registry;
  std::function<void(const std::string&)> on_race;
  u64 races = 0, accesses = 0;
  clock_pool clocks;  // before all that refers to clocks
  std::vector<call_site> sites;
  std::array<cached_site, cached_sites> site_cache;
  std::vector<cluster_agents> clusters;
  std::vector<shadow> arrays;                    // of the registry's arrays that are written
  std::unordered_map<u64, clock::others> words;  // address -> what was released there

  u16 number_of(const call_site&);
  call_site place{"", "", 0};  // of the latest race
  void found(const std::string& text, const call_site& later);
};

// Groups of asynchronous work of a thread, or of a warp's wgmma: what epoch each ended with.
struct work_groups {
  static constexpr u32 remembered = 32;
  u32 epoch = 1;  // of the open group; of wgmma: how many came
  u32 committed = 0;
  std::array<u32, remembered> ends{};

  void commit(u32 end) { ends[committed++ % remembered] = end; }
  // The epoch that is complete when at most `pending` groups are not.
  u32 complete(u32 pending) const {
    return pending < committed && pending < remembered ? ends[(committed - 1 - pending) % remembered] : 0;
  }
};

struct gathering {
  clock_ref open, last;
};

struct barrier_state {
  u32 agent = 0;  // of the loads that complete on it; the next ones: its memory, and that it is initialised
  shared_range where{};
  u32 init_thread = 0, visible = in_flight;  // the epoch of the fence after its initialisation
  bool alive = true;
  u32 phase = 0;
  std::array<gathering, 2> open;  // by threads of its block, by others
  struct completed {
    u32 phase = ~0u;
    std::array<clock_ref, 2> clock;
  };
  std::array<completed, 2> done;  // by parity
  std::vector<u32> used;          // the epoch of each thread's last use
};

struct meeting_state {
  gathering open;
  clock_ref done;
};

struct warpgroup_state {
  u32 agent = no_agent;
  u32 operations = 0;
  std::array<std::deque<clock_ref>, 4> came;  // of each warp, what its threads all knew
  clock_ref now;                              // of the actor in use
};

// A thread's latest use of another block's shared memory, counted in its own such uses.
struct remote_use {
  u32 count = 0;
  call_site site{"", "", 0};
};

struct thread_groups {
  work_groups cp_async, bulk, wgmma;  // wgmma: of a warp's first thread
};

struct cluster_state {
  grid_state& grid;
  u32 number;  // of the cluster
  u32 threads;
  std::vector<thread_clock> clocks;
  std::vector<thread_groups> groups;
  std::vector<barrier_state> barriers;
  std::vector<meeting_state> meetings;
  std::vector<warpgroup_state> warpgroups;
  std::vector<std::unique_ptr<shadow>> shared;  // of each block
  u32 starts = no_agent;                        // knowledge that the block of rank 0, 1, ... runs
  std::vector<std::vector<remote_use>> remote;  // by rank of the memory, then thread
  u32 previous_kernel = no_agent;               // knowledge that it has ended
  clock_ref previous_ended;

  cluster_state(grid_state& detector, u32 first_block);
  ~cluster_state();

  void know_own_start();
  cluster_agents& agents() { return grid.clusters[number]; }
  u32 new_agents(agent_kind, u32 count, u64 owner);
  actor act(u32 thread, u32 agent, u32 epoch, bool async) const;
  own_agent& cp_async_of(u32 thread);
  void acquire(u32 thread, const clock_ref& from);
  void release(u32 thread, gathering& into);
  void fence(u32 thread, plane);
  clock_ref known_to_all(u32 first_thread_of_warp);
  bool knows(u32 thread, u32 agent, u32 epoch) const;
  void use(u32 thread, barrier_id, const call_site&, bool by_bulk_load = false);
  void acquire_word(u32 thread, const clock::others&);
  void release_word(u32 thread, clock::others&);
};

// "block 3, warp 1, lane 4" of a thread of a cluster that starts with first_block.
std::string thread_name(const grid_shape&, u32 first_block, u32 thread);
std::string site_name(const call_site&);

struct race_text {
  grid_state& grid;
  const observer& who;
  const mark& now;
  access_kind kind;
  const conflict& found;
  std::string place;  // "bytes 0..15 of …"

  std::string text() const;

 private:
  std::string name(const mark&) const;
  std::string why() const;
  std::string why_async(const agent_range&) const;
  const agent_range& range_of(const mark&) const;
};

}  // namespace gemmact::emulator

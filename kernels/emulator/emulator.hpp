// Runs a kernel's source on the CPU, a fiber a GPU thread, and reports what is wrong with it. One launch at a time in a
// process. A launch depends on its options alone: the same seed gives the same run, to the last bit.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/base/config.hpp"
#include "kernels/emulator/memory.hpp"
#include "kernels/emulator/site.hpp"

namespace gemmact::emulator {

// How the next warp is chosen, and when what is asynchronous happens.
enum class schedule : u8 {
  uniform,   // any warp that can go on
  sticky,    // mostly the same warp as before
  latest,    // any warp; asynchronous work happens only when nothing else can
  priority,  // the warp of the highest random priority, which drops at a few random moments (PCT)
};
inline constexpr schedule all_schedules[] = {schedule::uniform, schedule::sticky, schedule::latest, schedule::priority};
const char* name_of(schedule);

// What orders something in a kernel, each a point of mutation.
enum class sync_kind : u8 {
  sync_warp,
  sync_block,
  sync_named,
  arrive_named,
  cp_async_commit,
  cp_async_wait,
  cp_async_arrive,
  mbarrier_init_fence,
  mbarrier_arrive,
  mbarrier_arrive_expect,
  mbarrier_expect,
  mbarrier_wait,
  fence_proxy,
  global_release,
  global_acquire,
  bulk_commit,
  bulk_wait_read,
  bulk_wait,
  cluster_arrive,
  cluster_wait,
  wgmma_fence,
  wgmma_commit,
  wgmma_wait,
};
const char* name_of(sync_kind);

struct sync_site {
  sync_kind kind = sync_kind::sync_warp;
  site at;
  friend bool operator==(const sync_site&, const sync_site&) = default;
};

// What a mutant does at one site.
enum class change : u8 { none, skip, flip_parity, more_bytes, fewer_bytes, leave_one_more };
const char* name_of(change);
// The changes that make sense of a kind, `skip` first.
std::vector<change> changes_of(sync_kind);

inline constexpr u32 every_time = ~0u;

struct mutant {
  sync_site where;
  change what = change::none;
  u32 time = every_time;  // else each thread is disturbed once: when it has come there so often before
};

struct options {
  const char* kernel = "kernel";  // its name in reports
  u64 seed = 0;
  schedule order = schedule::uniform;
  u32 multiprocessors = 2;
  u32 resident_blocks = 1;  // on each multiprocessor; raised where a cluster needs more
  u32 priority_changes = 3;
  bool races = true;
  bool overlaps = false;       // report uses of global memory that are not after wait_for_previous_kernel (needs races)
  bool poison_stores = false;  // report global stores of the poison 0xFFFFFFFF
  u64 most_points = 200'000'000;  // of scheduling; more is a livelock
  bool count_times = false;       // fill in result::times
  std::optional<mutant> disturbed;
};

enum class report_kind : u8 {
  deadlock,
  divergence,
  race,
  poison,
  out_of_bounds,
  misaligned,
  leftover,
  bad_use,
};
const char* name_of(report_kind);

struct report {
  report_kind kind = report_kind::bad_use;
  std::string text;  // kernel, file:line, block, warp, lane, what
  site at;
};

struct result {
  std::optional<report> found;   // the first thing wrong; the launch ended there
  u64 trace = 0;                 // hash of the order in which warps ran and asynchronous work happened
  u64 points = 0, switches = 0;  // of scheduling; between warps
  std::vector<sync_site> sites;  // that were reached, in the order of the first time
  std::vector<u32> times;        // of each site: how often the thread came there that came most often
  std::string replay;            // what to run again
  bool ok() const { return !found; }
  std::string text() const;  // "no report" or the report and how to replay it
};

// `grid` blocks of `threads` threads, a multiple of 32, in clusters of `cluster` blocks that run together.
struct shape {
  u32 grid = 1, threads = 32, shared_bytes = 0, cluster = 1;
};
// `arrays` has all global memory that the kernel may touch; `body` is the kernel, run once a thread.
result launch(const options&, const shape&, const memory_registry& arrays, const std::function<void()>& body);

}  // namespace gemmact::emulator

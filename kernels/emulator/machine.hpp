// The launch that is under way, and the scheduler: which lane goes on.
#pragma once
#include <deque>
#include <exception>

#include "kernels/emulator/bulk.hpp"
#include "kernels/emulator/context.hpp"
#include "kernels/emulator/sites.hpp"

namespace gemmact::emulator {

struct machine {
  options how;
  shape size;
  const memory_registry* arrays = nullptr;
  const std::function<void()>* body = nullptr;
  std::unique_ptr<race_detector> races;  // null where they are not looked for
  u64 random = 0;
  u64 trace = 0, points = 0, switches = 0, since_switch = 0;
  u32 loads = 0;      // plain ones, of the batch that counts next
  u32 land_odds = 0;  // one in so many points lets something asynchronous happen; 0: none
  u64 async_priority = 0, lowest_priority = 0, next_change = 0;
  u32 changes_left = 0;
  u32 next_block = 0;  // of the grid, to start
  u64 next_warp = 0;   // number
  u32 elected = 0;     // the lane that elect_one() chooses
  fiber home;          // of launch()
  std::vector<warp*> runnable;
  std::vector<std::unique_ptr<cluster>> resident;
  std::vector<u32> free_slots;
  std::vector<lane*> copying;  // lanes with cp.async under way
  std::vector<bulk_operation> flying;
  u64 next_bulk = 0;  // serial
  std::vector<wgmma_group*> multiplying;
  site_table sites;
  std::optional<report> found;
  std::exception_ptr escaped;  // of the kernel's own, or of the emulator
};

extern machine* gpu;
extern lane* current;  // null while launch() itself runs

// Thrown where a report is made: unwinds the fiber, or launch() itself.
struct launch_ended {};

u64 draw();  // the launch's next random number
u32 draw_below(u32 count);
u64 draw_gap();  // points between changes of priority: of any order of magnitude up to thousands

// Another warp may go on here.
void point();
// A plain load; after very many of them another warp may go on, so that a loop that only loads comes to an end.
inline constexpr u32 load_batch = 4096;
void count_loads(site);
inline void count_load(site at) {
  if (++gpu->loads == load_batch) count_loads(at);
}
// The current lane cannot go on, its ready bit is cleared; returns when it can again.
void leave();
// Lets lanes of a warp go on.
void make_ready(warp&, u32 lanes);
void stop_running(warp&);
// Runs other lanes until somebody jumps back to `from`.
void dispatch(fiber& from);
// Notes in the trace that something asynchronous happened.
void trace_event(u64 what);

// Starts and retires blocks until the grid is done.
void run_grid();
// Called by a lane whose kernel has returned; does not return, but by a report.
void lane_ended();

// What must not be left undone when a lane returns, or a block's last one does.
void check_lane_end(lane&);
void check_block_end(block&);
void check_bulk_end(const lane&);
void check_wgmma_end(const wgmma_group&);
// Of a block that has ended: what may be still under way happens now.
void land_rest_of(block&);

// Ends the launch with a report that names the kernel, the place and the running lane. Does not return.
[[noreturn]] void fail(report_kind, site, const std::string& text);
[[noreturn]] void fail_of(report_kind, site, const lane* who, const std::string& text);
[[noreturn]] void report_deadlock();
std::string name_of(const lane&);  // "block 1, warp 2, lane 3"

}  // namespace gemmact::emulator

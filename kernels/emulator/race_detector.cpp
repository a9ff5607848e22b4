#include "kernels/emulator/race_detector.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "kernels/emulator/race_state.hpp"

namespace gemmact::emulator {
namespace {

// Of blocks that have ended, of all launches: a test launches thousands.
std::vector<std::unique_ptr<shadow>>& spare_shadows() {
  static std::vector<std::unique_ptr<shadow>> spare;
  return spare;
}

}  // namespace

race_detector::race_detector(const grid_shape& shape, const memory_registry& registry,
                             std::function<void(const std::string&)> on_race)
    : state_(new grid_state) {
  state_->shape = shape;
  state_->registry = &registry;
  state_->on_race = std::move(on_race);
  state_->arrays.resize(registry.size());
  for (u32 i = 0; i < registry.size(); i++) {
    const global_array& array = registry.array(i);
    if (array.use != array_use::read_only)
      state_->arrays[i].reset(array.address % shadow::line_bytes + array.bytes, true);
  }
}

race_detector::~race_detector() = default;

std::unique_ptr<cluster_races> race_detector::begin_cluster(u32 first_block) {
  return std::unique_ptr<cluster_races>(new cluster_races(std::make_unique<cluster_state>(*state_, first_block)));
}

u64 race_detector::races() const { return state_->races; }
const call_site& race_detector::place() const { return state_->place; }
u64 race_detector::accesses() const { return state_->accesses; }

u16 grid_state::number_of(const call_site& site) {
  const u64 mixed =
      (u64(reinterpret_cast<size_t>(site.file)) ^ u64(reinterpret_cast<size_t>(site.operation)) << 16 ^ site.line) *
      0x9e3779b97f4a7c15ull;
  cached_site& slot = site_cache[(mixed >> 32) % cached_sites];
  const auto same = [&site](const call_site& o) {
    return o.operation == site.operation && o.file == site.file && o.line == site.line;
  };
  if (same(slot.site)) return slot.number;
  for (slot.number = 0; slot.number < sites.size() && !same(sites[slot.number]);) slot.number++;
  if (slot.number == sites.size()) sites.push_back(site);
  if (sites.size() > 0xfffe) throw std::length_error("the race detector numbers at most 65534 places in kernels");
  slot.site = site;
  return slot.number;
}

void grid_state::found(const std::string& text, const call_site& later) {
  races++;
  place = later;
  on_race(text);
}

cluster_state::cluster_state(grid_state& detector, u32 first_block)
    : grid(detector), number(u32(detector.clusters.size())) {
  const grid_shape& shape = grid.shape;
  threads = shape.cluster_blocks * shape.block_threads;
  grid.clusters.push_back({first_block, 0, {}, this});
  new_agents(agent_kind::thread, threads, 0);
  clocks.resize(threads);
  groups.resize(threads);
  warpgroups.resize(shape.cluster_blocks * ((shape.block_threads + 127) / 128));
  const clock_ref nothing = grid.clocks.zero(threads);
  for (u32 i = 0; i < threads; i++) {
    clocks[i].base = nothing;
    clocks[i].own[own_self] = {i, {1, 0, 0}};
  }
  if (shape.cluster_blocks > 1) know_own_start();
  auto& spare = spare_shadows();
  for (u32 rank = 0; rank < shape.cluster_blocks; rank++) {
    if (spare.empty()) spare.push_back(std::make_unique<shadow>());
    shared.push_back(std::move(spare.back()));
    spare.pop_back();
    shared.back()->reset(shape.shared_bytes, false);
  }
}

cluster_state::~cluster_state() {
  agents().running = nullptr;
  for (auto& each : shared) spare_shadows().push_back(std::move(each));
  grid.clocks.forget();
}

u32 cluster_state::new_agents(agent_kind kind, u32 count, u64 owner) {
  cluster_agents& all = agents();
  all.ranges.push_back({kind, all.count, count, owner});
  all.count += count;
  return all.count - count;
}

actor cluster_state::act(u32 thread, u32 agent, u32 epoch, bool async) const {
  return {agent, epoch, async, clocks[thread].base.get(), &clocks[thread]};
}

// All threads get their streams at once: where one copies, all do.
own_agent& cluster_state::cp_async_of(u32 thread) {
  if (clocks[thread].own[own_cp_async].agent == no_agent) {
    const u32 first = new_agents(agent_kind::cp_async, threads, 0);
    for (u32 i = 0; i < threads; i++) clocks[i].own[own_cp_async].agent = first + i;
  }
  return clocks[thread].own[own_cp_async];
}

cluster_races::cluster_races(std::unique_ptr<cluster_state> s) : state_(std::move(s)) {}
cluster_races::~cluster_races() = default;

void cluster_races::access(const actor& by, const shared_range& range, access_kind kind, const call_site& site) {
  grid_state& grid = state_->grid;
  grid.accesses++;
  const mark now{state_->number, by.agent, by.epoch, grid.number_of(site), by.async, kind == access_kind::atomic};
  const observer who{state_->number, by.base, by.own, by.async, fenced_shared};
  const conflict found = state_->shared[range.rank]->access(range.offset, range.bytes, kind, now, who);
  if (found.bytes == 0) return;
  const u32 block = state_->agents().first_block + range.rank;
  grid.found(race_text{grid, who, now, kind, found,
                       "bytes " + std::to_string(found.offset) + ".." + std::to_string(found.offset + found.bytes - 1) +
                           " of the shared memory of block " + std::to_string(block)}
                 .text(),
             site);
}

void cluster_races::access(const actor& by, const global_range& range, access_kind kind, const call_site& site) {
  grid_state& grid = state_->grid;
  const global_array& array = grid.registry->array(range.array);
  if (array.use == array_use::read_only) return;
  grid.accesses++;
  const mark now{state_->number, by.agent, by.epoch, grid.number_of(site), by.async, kind == access_kind::atomic};
  const observer who{state_->number, by.base, by.own, by.async, fenced_global};
  const u64 skew = array.address % shadow::line_bytes;
  const conflict found = grid.arrays[range.array].access(skew + range.offset, range.bytes, kind, now, who);
  if (found.bytes == 0) return;
  const u64 first = found.offset < skew ? 0 : found.offset - skew;
  const u64 last = std::min(found.offset + found.bytes - skew, array.bytes) - 1;
  grid.found(race_text{grid, who, now, kind, found,
                       "bytes " + std::to_string(first) + ".." + std::to_string(last) + " of " + array.name}
                 .text(),
             site);
}

actor cluster_races::by_thread(u32 thread) {
  return state_->act(thread, thread, state_->clocks[thread].epoch(), false);
}

actor cluster_races::by_cp_async(u32 thread) {
  const u32 agent = state_->cp_async_of(thread).agent;
  return state_->act(thread, agent, state_->groups[thread].cp_async.epoch, false);
}

actor cluster_races::by_bulk_store(u32 thread, access_kind kind) {
  auto& own = state_->clocks[thread].own;
  if (own[own_bulk_read].agent == no_agent) {
    own[own_bulk_read].agent = state_->new_agents(agent_kind::bulk_read, 1, thread);
    own[own_bulk_write].agent = state_->new_agents(agent_kind::bulk_write, 1, thread);
  }
  const own_index which = kind == access_kind::read ? own_bulk_read : own_bulk_write;
  return state_->act(thread, own[which].agent, state_->groups[thread].bulk.epoch, true);
}

actor cluster_races::by_bulk_load(u32 thread, barrier_id barrier, const call_site& site) {
  state_->use(thread, barrier, site, true);
  return state_->act(thread, state_->barriers[barrier].agent, in_flight, true);
}

void cluster_races::landed(barrier_id barrier, const shared_range& range) {
  const barrier_state& b = state_->barriers[barrier];
  state_->shared[range.rank]->landed(range.offset, range.bytes, state_->number, b.agent, b.phase + 1);
}

void cluster_races::landed(barrier_id barrier, const global_range& range) {
  const global_array& array = state_->grid.registry->array(range.array);
  if (array.use == array_use::read_only) return;
  const barrier_state& b = state_->barriers[barrier];
  state_->grid.arrays[range.array].landed(array.address % shadow::line_bytes + range.offset, range.bytes,
                                          state_->number, b.agent, b.phase + 1);
}

// What all 32 threads of a warp know. What one knows of itself beyond its clock counts if all others know it, so only
// where no other has the same clock.
clock_ref cluster_state::known_to_all(u32 first_thread_of_warp) {
  const thread_clock* lanes = &clocks[first_thread_of_warp];
  clock_ref all;
  for (u32 i = 0; i < 32; i++) {
    if (i > 0 && lanes[i].base == lanes[i - 1].base) continue;
    u32 sharing = 0;
    for (u32 j = 0; j < 32 && sharing < 2; j++) sharing += lanes[j].base == lanes[i].base;
    gathering alone;
    if (sharing == 1) gather(grid.clocks, alone.open, alone.last, lanes[i]);
    const clock_ref& its = sharing == 1 ? alone.open : lanes[i].base;
    all = all ? grid.clocks.common(all, its) : its;
  }
  return all;
}

void cluster_races::wgmma_came(u32 first_thread_of_warp) {
  const u32 block_threads = state_->grid.shape.block_threads;
  const u32 in_block = first_thread_of_warp % block_threads, rank = first_thread_of_warp / block_threads;
  const u32 groups_of_block = (block_threads + 127) / 128;
  warpgroup_state& group = state_->warpgroups[rank * groups_of_block + in_block / 128];
  if (group.agent == no_agent) {
    const u32 first = first_thread_of_warp - in_block % 128;
    group.agent = state_->new_agents(agent_kind::wgmma, 1, first);
    for (u32 i = 0; i < 128 && in_block - in_block % 128 + i < block_threads; i++)
      state_->clocks[first + i].own[own_wgmma].agent = group.agent;
  }
  group.came[in_block % 128 / 32].push_back(state_->known_to_all(first_thread_of_warp));
  state_->groups[first_thread_of_warp].wgmma.epoch++;
}

actor cluster_races::by_wgmma(u32 first_thread_of_warpgroup) {
  const u32 block_threads = state_->grid.shape.block_threads;
  const u32 rank = first_thread_of_warpgroup / block_threads;
  const u32 in_block = first_thread_of_warpgroup % block_threads;
  warpgroup_state& group = state_->warpgroups[rank * ((block_threads + 127) / 128) + in_block / 128];
  clock_ref common;
  for (auto& warp : group.came) {
    if (warp.empty()) throw std::logic_error("by_wgmma() before wgmma_came() of each warp");
    common = common ? state_->grid.clocks.common(common, warp.front()) : warp.front();
    warp.pop_front();
  }
  group.now = common;
  group.operations++;
  return {group.agent, group.operations, true, group.now.get(), nullptr};
}

}  // namespace gemmact::emulator

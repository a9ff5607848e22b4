// What orders accesses: meetings, barriers, groups of asynchronous work, fences, global words.
#include <algorithm>

#include "kernels/emulator/race_state.hpp"

namespace gemmact::emulator {

void cluster_state::acquire(u32 thread, const clock_ref& from) {
  thread_clock& t = clocks[thread];
  t.base = grid.clocks.joined(t.base, from);
}

// What the thread does from now on is not part of it.
void cluster_state::release(u32 thread, gathering& into) {
  gather(grid.clocks, into.open, into.last, clocks[thread]);
  clocks[thread].own[own_self].epoch[known]++;
}

bool cluster_state::knows(u32 thread, u32 agent, u32 epoch) const {
  return clocks[thread].base->at(known, agent) >= epoch || clocks[thread].of(known, agent) >= epoch;
}

void cluster_races::meet(u32 first, u32 count) {
  gathering all;
  for (u32 i = 0; i < count; i++) state_->release(first + i, all);
  for (u32 i = 0; i < count; i++) state_->clocks[first + i].base = all.open;
}

meeting_id cluster_races::new_meeting() {
  state_->meetings.emplace_back();
  return u32(state_->meetings.size() - 1);
}

void cluster_races::release(meeting_id meeting, u32 first, u32 count) {
  for (u32 i = 0; i < count; i++) state_->release(first + i, state_->meetings[meeting].open);
}

void cluster_races::complete(meeting_id meeting) {
  meeting_state& m = state_->meetings[meeting];
  m.done = std::move(m.open.open);
  m.open = {};
}

void cluster_races::acquire(meeting_id meeting, u32 first, u32 count) {
  const clock_ref& done = state_->meetings[meeting].done;
  if (!done) return;
  for (u32 i = 0; i < count; i++) state_->acquire(first + i, done);
}

barrier_id cluster_races::barrier_init(u32 thread, const shared_range& where, const call_site& site) {
  access(by_thread(thread), where, access_kind::write, site);
  barrier_state b;
  b.agent = state_->new_agents(agent_kind::bulk_load, 1, u64(where.rank) << 32 | where.offset);
  state_->new_agents(agent_kind::barrier_memory, 1, u64(where.rank) << 32 | where.offset);
  state_->new_agents(agent_kind::knowledge, 1, 0);
  b.where = where;
  b.init_thread = thread;
  b.used.assign(state_->threads, 0);
  const mark owner{state_->number, b.agent + 1, in_flight, state_->grid.number_of(site)};
  state_->shared[where.rank]->claim(where.offset, where.bytes, owner);
  state_->barriers.push_back(std::move(b));
  return u32(state_->barriers.size() - 1);
}

void cluster_races::barrier_init_fence(u32 thread) {
  for (barrier_state& b : state_->barriers)
    if (b.init_thread == thread && b.visible == in_flight) b.visible = state_->clocks[thread].epoch();
}

void cluster_state::use(u32 thread, barrier_id barrier, const call_site& site, bool by_bulk_load) {
  barrier_state& b = barriers[barrier];
  b.used[thread] = clocks[thread].epoch();
  const char* wrong = nullptr;
  if (!b.alive) wrong = "after mbarrier_invalidate";
  else if (b.init_thread == thread && !(by_bulk_load && b.visible == in_flight)) return;
  else if (b.visible == in_flight) wrong = "though mbarrier_init_fence did not follow its mbarrier_init";
  else if (!knows(thread, b.init_thread, b.visible) && !knows(thread, b.agent + 2, 1))
    wrong = "though nothing orders its mbarrier_init and mbarrier_init_fence before: the block (or cluster) must meet";
  if (!wrong) return;
  const u32 block = agents().first_block + b.where.rank;
  grid.found("the mbarrier at byte " + std::to_string(b.where.offset) + " of the shared memory of block " +
                 std::to_string(block) + " is used by " + thread_name(grid.shape, agents().first_block, thread) + ": " +
                 site_name(site) + ", " + wrong,
             site);
}

void cluster_races::barrier_invalidate(u32 thread, barrier_id barrier, const call_site& site) {
  state_->use(thread, barrier, site);
  barrier_state& b = state_->barriers[barrier];
  for (u32 other = 0; other < state_->threads; other++) {
    if (other == thread || b.used[other] == 0 || state_->knows(thread, other, b.used[other])) continue;
    const u32 first_block = state_->agents().first_block;
    const grid_shape& shape = state_->grid.shape;
    state_->grid.found("the mbarrier at byte " + std::to_string(b.where.offset) + " of the shared memory of block " +
                           std::to_string(first_block + b.where.rank) + " is invalidated by " +
                           thread_name(shape, first_block, thread) + ": " + site_name(site) +
                           ", though nothing orders the last use by " + thread_name(shape, first_block, other) +
                           " before",
                       site);
    break;
  }
  b.alive = false;
  const mark owner{state_->number, thread, state_->clocks[thread].epoch(), state_->grid.number_of(site)};
  state_->shared[b.where.rank]->claim(b.where.offset, b.where.bytes, owner);
}

void cluster_races::barrier_arrive(u32 thread, barrier_id barrier, const call_site& site) {
  state_->use(thread, barrier, site);
  barrier_state& b = state_->barriers[barrier];
  const bool remote = thread / state_->grid.shape.block_threads != b.where.rank;
  state_->release(thread, b.open[remote]);
  if (!remote) return;
  // That it has come is known to whoever sees the phase complete.
  gathering& own = b.open[0];
  if (!own.open) own.open = state_->grid.clocks.zero(state_->agents().count);
  const own_agent& uses = state_->clocks[thread].own[own_remote];
  state_->grid.clocks.set(own.open, known, uses.agent, uses.epoch[known]);
}

void cluster_races::barrier_expect(u32 thread, barrier_id barrier, const call_site& site) {
  state_->use(thread, barrier, site);
}

void cluster_races::barrier_complete(barrier_id barrier) {
  barrier_state& b = state_->barriers[barrier];
  clock_pool& pool = state_->grid.clocks;
  if (!b.open[0].open) b.open[0].open = pool.zero(state_->agents().count);
  pool.set(b.open[0].open, known, b.agent, b.phase + 1);
  b.done[b.phase % 2] = {b.phase, {std::move(b.open[0].open), std::move(b.open[1].open)}};
  b.open = {};
  b.phase++;
}

void cluster_races::barrier_wait(u32 thread, barrier_id barrier, u32 phase, sync_scope scope, const call_site& site) {
  state_->use(thread, barrier, site);
  const barrier_state::completed& done = state_->barriers[barrier].done[phase % 2];
  if (phase == ~0u || done.phase != phase) return;
  state_->acquire(thread, done.clock[0]);
  if (scope == sync_scope::cluster && done.clock[1]) state_->acquire(thread, done.clock[1]);
}

void cluster_races::cp_async_commit(u32 thread) {
  work_groups& groups = state_->groups[thread].cp_async;
  groups.commit(groups.epoch++);
}

void cluster_races::cp_async_wait(u32 thread, u32 pending) {
  u32& epoch = state_->cp_async_of(thread).epoch[known];
  epoch = std::max(epoch, state_->groups[thread].cp_async.complete(pending));
}

u32 cluster_races::cp_async_arrive(u32 thread, barrier_id barrier, const call_site& site) {
  state_->use(thread, barrier, site);
  return state_->groups[thread].cp_async.epoch++;
}

void cluster_races::cp_async_arrived(u32 thread, barrier_id barrier, u32 mark) {
  gathering& into = state_->barriers[barrier].open[0];
  clock_pool& pool = state_->grid.clocks;
  if (!into.open) into.open = pool.zero(state_->agents().count);
  pool.set(into.open, known, state_->cp_async_of(thread).agent, mark);
}

void cluster_races::bulk_commit(u32 thread) {
  work_groups& groups = state_->groups[thread].bulk;
  groups.commit(groups.epoch++);
}

void cluster_races::bulk_wait_read(u32 thread, u32 pending) {
  u32& epoch = state_->clocks[thread].own[own_bulk_read].epoch[known];
  epoch = std::max(epoch, state_->groups[thread].bulk.complete(pending));
}

void cluster_races::bulk_wait(u32 thread, u32 pending) {
  bulk_wait_read(thread, pending);
  u32& epoch = state_->clocks[thread].own[own_bulk_write].epoch[known];
  epoch = std::max(epoch, state_->groups[thread].bulk.complete(pending));
}

void cluster_races::wgmma_commit(u32 first_thread_of_warp) {
  work_groups& groups = state_->groups[first_thread_of_warp].wgmma;
  groups.commit(groups.epoch - 1);
}

void cluster_races::wgmma_wait(u32 first_thread_of_warp, u32 pending) {
  const u32 complete = state_->groups[first_thread_of_warp].wgmma.complete(pending);
  for (u32 i = 0; i < 32; i++) {
    u32& epoch = state_->clocks[first_thread_of_warp + i].own[own_wgmma].epoch[known];
    epoch = std::max(epoch, complete);
  }
}

void cluster_state::fence(u32 thread, plane p) {
  thread_clock& t = clocks[thread];
  t.base = grid.clocks.fenced(t.base, p);
  for (own_agent& each : t.own) each.epoch[p] = each.epoch[known];
  t.own[own_self].epoch[known]++;
}

void cluster_races::fence_proxy_async(u32 thread) { state_->fence(thread, fenced_shared); }
void cluster_races::fence_proxy_async_global(u32 thread) { state_->fence(thread, fenced_global); }

namespace {

// Puts what is known of a cluster into a list of such.
void add(clock_pool& pool, clock::others& to, u32 cluster, const clock_ref& from) {
  const auto at = std::lower_bound(to.begin(), to.end(), cluster,
                                   [](const auto& entry, u32 number) { return entry.first < number; });
  if (at == to.end() || at->first != cluster) to.emplace(at, cluster, from);
  else at->second = pool.joined(at->second, from);
}

}  // namespace

void cluster_state::acquire_word(u32 thread, const clock::others& word) {
  thread_clock& t = clocks[thread];
  clock_ref changed;
  for (const auto& [cluster, from] : word) {
    if (cluster == number || t.base->of(cluster) == from.get()) continue;
    if (!changed) changed = grid.clocks.copy(*t.base.get());
    grid.clocks.join_foreign(changed, cluster, from);
  }
  if (changed) t.base = changed;
  for (const auto& [cluster, from] : word)
    if (cluster == number) acquire(thread, from);
}

void cluster_state::release_word(u32 thread, clock::others& word) {
  const clock::others* foreign = clocks[thread].base->foreign;
  gathering all;
  release(thread, all);
  if (foreign)
    for (const auto& [cluster, from] : *foreign) add(grid.clocks, word, cluster, from);
  delete all.open->foreign;
  all.open->foreign = nullptr;
  add(grid.clocks, word, number, all.open);
}

void cluster_races::load_acquire(u32 thread, const global_range& range, const call_site& site) {
  access(by_thread(thread), range, access_kind::atomic, site);
  const auto at = state_->grid.words.find(state_->grid.registry->array(range.array).address + range.offset);
  if (at != state_->grid.words.end()) state_->acquire_word(thread, at->second);
}

void cluster_races::store_release(u32 thread, const global_range& range, const call_site& site) {
  access(by_thread(thread), range, access_kind::atomic, site);
  clock::others& word = state_->grid.words[state_->grid.registry->array(range.array).address + range.offset];
  word.clear();
  state_->release_word(thread, word);
}

void cluster_races::add_acquire_release(u32 thread, const global_range& range, const call_site& site) {
  access(by_thread(thread), range, access_kind::atomic, site);
  clock::others& word = state_->grid.words[state_->grid.registry->array(range.array).address + range.offset];
  state_->acquire_word(thread, word);
  state_->release_word(thread, word);
}

}  // namespace gemmact::emulator

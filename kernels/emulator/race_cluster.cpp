// When the blocks of a cluster, and the kernel before this one, are known to run or to have ended.
#include "kernels/emulator/race_state.hpp"

namespace gemmact::emulator {

void cluster_state::know_own_start() {
  const grid_shape& shape = grid.shape;
  starts = new_agents(agent_kind::knowledge, shape.cluster_blocks, 0);
  const u32 uses = new_agents(agent_kind::knowledge, threads, 0);
  for (u32 rank = 0; rank < shape.cluster_blocks; rank++) {
    clock_ref own = grid.clocks.zero(agents().count);
    grid.clocks.set(own, known, starts + rank, 1);
    for (u32 t = rank * shape.block_threads; t < (rank + 1) * shape.block_threads; t++) {
      clocks[t].base = own;
      clocks[t].own[own_remote].agent = uses + t;
    }
    remote.emplace_back(threads);
  }
}

void cluster_races::release_relaxed(meeting_id meeting, u32 first, u32 count) {
  clock_pool& pool = state_->grid.clocks;
  clock_ref& to = state_->meetings[meeting].open.open;
  if (!to) to = pool.zero(state_->agents().count);
  if (state_->starts != no_agent) {
    pool.set(to, known, state_->starts + first / state_->grid.shape.block_threads, 1);
    for (u32 i = 0; i < count; i++) {
      const own_agent& uses = state_->clocks[first + i].own[own_remote];
      pool.set(to, known, uses.agent, uses.epoch[known]);
    }
  }
  for (const barrier_state& b : state_->barriers)
    if (b.init_thread - first < count && b.visible != in_flight) pool.set(to, known, b.agent + 2, 1);
}

void cluster_races::block_needed(u32 thread, u32 rank, const call_site& site) {
  if (state_->knows(thread, state_->starts + rank, 1)) return;
  const u32 first_block = state_->agents().first_block;
  state_->grid.found("block " + std::to_string(first_block + rank) +
                         " may not have started when its shared memory is used by " +
                         thread_name(state_->grid.shape, first_block, thread) + ": " + site_name(site) +
                         ": the cluster must meet before",
                     site);
}

void cluster_races::block_used(u32 thread, u32 rank, const call_site& site) {
  block_needed(thread, rank, site);
  state_->remote[rank][thread] = {++state_->clocks[thread].own[own_remote].epoch[known], site};
}

std::string cluster_races::unknown_at_end(u32 rank, call_site& place) {
  if (state_->remote.empty()) return "";
  const u32 block_threads = state_->grid.shape.block_threads, first_block = state_->agents().first_block;
  for (u32 t = 0; t < state_->threads; t++) {
    const remote_use& use = state_->remote[rank][t];
    bool told = use.count == 0;
    for (u32 i = 0; !told && i < block_threads; i++)
      told = state_->knows(rank * block_threads + i, state_->clocks[t].own[own_remote].agent, use.count);
    if (told) continue;
    place = use.site;
    return "block " + std::to_string(first_block + rank) + " may have ended when its shared memory is used by " +
           thread_name(state_->grid.shape, first_block, t) + ": " + site_name(use.site) +
           ": nothing tells it before its end that this is done";
  }
  return "";
}

void cluster_races::previous_kernel_ended(u32 thread) {
  if (state_->previous_kernel == no_agent) {
    state_->previous_kernel = state_->new_agents(agent_kind::knowledge, 1, 0);
    state_->previous_ended = state_->grid.clocks.zero(state_->agents().count);
    state_->grid.clocks.set(state_->previous_ended, known, state_->previous_kernel, 1);
  }
  state_->acquire(thread, state_->previous_ended);
}

bool cluster_races::knows_previous_kernel_ended(u32 thread) const {
  return state_->previous_kernel != no_agent && state_->knows(thread, state_->previous_kernel, 1);
}

}  // namespace gemmact::emulator

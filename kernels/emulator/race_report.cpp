// The words of a race report.
#include <string>

#include "kernels/emulator/race_state.hpp"

namespace gemmact::emulator {

namespace {

const char* word_of(access_kind kind) {
  return kind == access_kind::read ? "read" : kind == access_kind::write ? "write" : "atomic";
}

// What a thread must do before anybody may rely on its work of this kind.
const char* wait_of(agent_kind kind) {
  if (kind == agent_kind::cp_async) return "cp_async_commit, then cp_async_wait";
  if (kind == agent_kind::bulk_read) return "bulk_commit, then bulk_wait_read";
  if (kind == agent_kind::bulk_write) return "bulk_commit, then bulk_wait";
  return "wgmma_commit, then wgmma_wait";
}

own_index own_of(agent_kind kind) {
  if (kind == agent_kind::cp_async) return own_cp_async;
  if (kind == agent_kind::bulk_read) return own_bulk_read;
  if (kind == agent_kind::bulk_write) return own_bulk_write;
  return own_wgmma;
}

}  // namespace

std::string thread_name(const grid_shape& shape, u32 first_block, u32 thread) {
  const u32 in_block = thread % shape.block_threads;
  return "block " + std::to_string(first_block + thread / shape.block_threads) + ", warp " +
         std::to_string(in_block / 32) + ", lane " + std::to_string(in_block % 32);
}

std::string site_name(const call_site& site) {
  return std::string(site.operation) + " at " + site.file + ":" + std::to_string(site.line);
}

const agent_range& race_text::range_of(const mark& m) const {
  const auto& ranges = grid.clusters[m.cluster].ranges;
  for (const agent_range& range : ranges)
    if (m.agent - range.first < range.count) return range;
  return ranges.front();
}

std::string race_text::name(const mark& m) const {
  const cluster_agents& cluster = grid.clusters[m.cluster];
  const agent_range& range = range_of(m);
  const auto barrier = [&] {
    return "the mbarrier at byte " + std::to_string(u32(range.owner)) + " of block " +
           std::to_string(cluster.first_block + u32(range.owner >> 32));
  };
  const std::string thread = thread_name(grid.shape, cluster.first_block, u32(range.owner) + m.agent - range.first);
  switch (range.kind) {
    case agent_kind::thread:
      return thread;
    case agent_kind::cp_async:
      return "a cp.async of " + thread;
    case agent_kind::bulk_read:
    case agent_kind::bulk_write:
      return "a bulk store of " + thread;
    case agent_kind::bulk_load:
      return "a bulk load that completes on " + barrier();
    case agent_kind::barrier_memory:
      return barrier();
    case agent_kind::wgmma:
      return "a wgmma of the warpgroup from " + thread;
    case agent_kind::knowledge:
      break;
  }
  return thread;
}

// Of work that its thread, or its warpgroup, must wait for.
std::string race_text::why_async(const agent_range& range) const {
  const mark& earlier = found.earlier;
  const cluster_state* running = grid.clusters[earlier.cluster].running;
  bool waited = false;
  const u32 owner = u32(range.owner) + earlier.agent - range.first;
  const u32 owners = range.kind == agent_kind::wgmma ? 128 : 1;
  for (u32 i = 0; running && i < owners && owner + i < running->threads; i++)
    waited |= running->clocks[owner + i].own[own_of(range.kind)].epoch[known] >= earlier.epoch;
  const std::string who_waits = range.kind == agent_kind::wgmma ? "its warpgroup" : "its thread";
  if (waited) return who_waits + " has waited for the earlier, but nothing orders that wait before the later";
  return who_waits + " has not waited for the earlier: " + wait_of(range.kind) +
         (running ? "" : ", and then a release that the later acquires");
}

std::string race_text::why() const {
  const mark& earlier = found.earlier;
  const agent_range& range = range_of(earlier);
  if (who.async && !earlier.async && who.knows(earlier, known))
    return std::string("they are ordered, but not through ") +
           (who.fence == fenced_shared ? "fence_proxy_async" : "fence_proxy_async_global") +
           ": a generic access, then one through the async proxy";
  switch (range.kind) {
    case agent_kind::barrier_memory:
      return "the bytes are a live mbarrier";
    case agent_kind::bulk_load:
      if (earlier.epoch == in_flight) return "the earlier is still under way: nobody has waited on its mbarrier";
      return "the earlier landed in phase " + std::to_string(earlier.epoch - 1) +
             " of its mbarrier, and who accesses later has not waited for that phase, nor met a thread that has";
    case agent_kind::thread:
      break;
    default:
      return why_async(range);
  }
  if (earlier.cluster != now.cluster)
    return "they are of different blocks, and no release and acquire of a global word comes between";
  if (!who.own) return "no barrier orders the earlier before all 128 threads of the warpgroup";
  return "no barrier, nor a release and an acquire, comes between";
}

std::string race_text::text() const {
  return "race on " + place + "\n  later:   " + word_of(kind) + " by " + name(now) + ": " +
         site_name(grid.sites[now.site]) + "\n  earlier: " + word_of(found.kind) + " by " + name(found.earlier) + ": " +
         site_name(grid.sites[found.earlier.site]) + "\n  nothing orders them: " + why();
}

}  // namespace gemmact::emulator

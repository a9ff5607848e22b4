#include "kernels/emulator/sites.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/emulator/machine.hpp"

namespace gemmact::emulator {

change site_table::add(u32 slot, const sync_site& place) {
  if (all_.size() * 2 > slots_.size())
    throw std::length_error("a kernel has more synchronising calls than site_table holds");
  const bool disturbed = disturbed_ && disturbed_->where == place;
  const bool counted = count_ || (disturbed && disturbed_->time != every_time);
  all_.push_back({place, disturbed ? disturbed_->what : change::none, counted, 0});
  slots_[slot] = u16(all_.size());
  return counted ? count(u32(all_.size()) - 1) : all_.back().disturbance;
}

change site_table::count(u32 number) {
  entry& of = all_[number];
  std::vector<u32>& reached = current->reached;
  if (reached.size() <= number) reached.resize(number + 1);
  const u32 before = reached[number]++;
  of.times = std::max(of.times, before + 1);
  const bool now = of.disturbance != change::none && (disturbed_->time == every_time || disturbed_->time == before);
  return now ? of.disturbance : change::none;
}

std::vector<u32> site_table::times() const {
  std::vector<u32> all;
  for (const entry& one : all_) all.push_back(one.times);
  return all;
}

std::vector<sync_site> site_table::list() const {
  std::vector<sync_site> places;
  for (const entry& one : all_) places.push_back(one.place);
  return places;
}

const char* name_of(sync_kind kind) {
  switch (kind) {
    case sync_kind::sync_warp:
      return "sync_warp";
    case sync_kind::sync_block:
      return "sync_block";
    case sync_kind::sync_named:
      return "sync_named";
    case sync_kind::arrive_named:
      return "arrive_named";
    case sync_kind::cp_async_commit:
      return "cp_async_commit";
    case sync_kind::cp_async_wait:
      return "cp_async_wait";
    case sync_kind::cp_async_arrive:
      return "cp_async_arrive";
    case sync_kind::mbarrier_init_fence:
      return "mbarrier_init_fence";
    case sync_kind::mbarrier_arrive:
      return "mbarrier_arrive";
    case sync_kind::mbarrier_arrive_expect:
      return "mbarrier_arrive_expect";
    case sync_kind::mbarrier_expect:
      return "mbarrier_expect";
    case sync_kind::mbarrier_wait:
      return "mbarrier_wait";
    case sync_kind::fence_proxy:
      return "fence_proxy_async";
    case sync_kind::global_release:
      return "release";
    case sync_kind::global_acquire:
      return "acquire";
    case sync_kind::bulk_commit:
      return "bulk_commit";
    case sync_kind::bulk_wait_read:
      return "bulk_wait_read";
    case sync_kind::bulk_wait:
      return "bulk_wait";
    case sync_kind::cluster_arrive:
      return "cluster_arrive";
    case sync_kind::cluster_wait:
      return "cluster_wait";
    case sync_kind::wgmma_fence:
      return "wgmma_fence";
    case sync_kind::wgmma_commit:
      return "wgmma_commit";
    case sync_kind::wgmma_wait:
      return "wgmma_wait";
  }
  return "?";
}

const char* name_of(change what) {
  switch (what) {
    case change::none:
      return "unchanged";
    case change::skip:
      return "left out";
    case change::flip_parity:
      return "with the other parity";
    case change::more_bytes:
      return "expecting 16 bytes more";
    case change::fewer_bytes:
      return "expecting 16 bytes fewer";
    case change::leave_one_more:
      return "leaving one group more";
  }
  return "?";
}

std::vector<change> changes_of(sync_kind kind) {
  switch (kind) {
    case sync_kind::mbarrier_wait:
      return {change::skip, change::flip_parity};
    case sync_kind::mbarrier_expect:
    case sync_kind::mbarrier_arrive_expect:
      return {change::skip, change::more_bytes, change::fewer_bytes};
    case sync_kind::cp_async_wait:
    case sync_kind::bulk_wait_read:
    case sync_kind::bulk_wait:
    case sync_kind::wgmma_wait:
      return {change::skip, change::leave_one_more};
    default:
      return {change::skip};
  }
}

}  // namespace gemmact::emulator

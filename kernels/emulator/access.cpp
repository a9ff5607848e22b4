#include "kernels/emulator/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emulator/calls.hpp"

namespace gemmact::emulator {

void refuse_shared(u32 address, u32 bytes, u32 alignment, const call_site& call) {
  if (address & (alignment - 1)) {
    fail(report_kind::misaligned, place_of(call),
         fmt::format("{}: shared address {:#x} is not aligned to {} bytes", call.operation, address, alignment));
  }
  fail(report_kind::out_of_bounds, place_of(call),
       fmt::format("{}: {} bytes at shared address {:#x}; the block's own memory is [{:#x}, {:#x}){}", call.operation,
                   bytes, address, shared_base, shared_base + gpu->size.shared_bytes,
                   address >> rank_shift ? ", and this address is of map_shared()" : ""));
}

void refuse_global(u64 address, u64 bytes, u32 alignment, access_kind kind, const call_site& call) {
  fail(address & (alignment - 1) ? report_kind::misaligned : report_kind::out_of_bounds, place_of(call),
       fmt::format("{}: {}", call.operation, gpu->arrays->fault(address, bytes, alignment, kind)));
}

void check_previous_kernel(const call_site& call) {
  cluster_races* races = races_of(*current->in->in);
  if (!races || races->knows_previous_kernel_ended(current->agent)) return;
  fail(report_kind::bad_use, place_of(call),
       fmt::format("{}: nothing orders a wait_for_previous_kernel before", call.operation));
}

shared_place find_mapped(u32 address, u32 bytes, u32 alignment, bool done, const call_site& call) {
  block& own = *current->in->in;
  const u32 rank = address >> rank_shift;
  if (rank == 0) return find_own(own, address, bytes, alignment, call);
  if (rank > own.in->blocks.size()) refuse_shared(address, bytes, alignment, call);
  block& peer = *own.in->blocks[rank - 1];
  if (peer.done()) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: block {} (rank {} of the cluster) has ended, and its shared memory with it", call.operation,
                     peer.index, peer.rank));
  }
  if (auto* races = &peer == &own ? nullptr : races_of(own)) {
    if (done) races->block_used(current->agent, peer.rank, call);
    else races->block_needed(current->agent, peer.rank, call);
  }
  return find_own(peer, address & ((1u << rank_shift) - 1), bytes, alignment, call);
}

void load_shared(void* to, u32 address, u32 bytes, site at) {
  count_load(at);
  std::memcpy(to, generic_shared(address, bytes, access_kind::read, {"load_shared", at.file, at.line}), bytes);
}

void store_shared(u32 address, const void* from, u32 bytes, site at) {
  std::memcpy(generic_shared(address, bytes, access_kind::write, {"store_shared", at.file, at.line}), from, bytes);
}

namespace {

unsigned char* cluster_word(u32 address, access_kind kind, const call_site& call) {
  const shared_place where = find_mapped(address, 4, 4, true, call);
  if (auto* races = races_of(*where.in)) touch(races->by_thread(current->agent), where, 4, kind, call);
  return where.memory();
}

unsigned char* generic_global(u64 address, u32 bytes, access_kind kind, const call_site& call) {
  const global_range where = find_global(address, bytes, bytes, kind, call);
  if (auto* races = races_of(*current->in->in)) races->access(races->by_thread(current->agent), where, kind, call);
  return host(address);
}

void refuse_poison(const void* value, u32 bytes, const call_site& call) {
  if (bytes == 2 && std::memcmp(value, "\xff\xff", 2) == 0) {
    fail(report_kind::poison, place_of(call), fmt::format("{}: stores 0xffff, half of the poison", call.operation));
  }
  for (u32 i = 0; i + 4 <= bytes; i += 4) {
    u32 word;
    std::memcpy(&word, static_cast<const unsigned char*>(value) + i, 4);
    if (word != 0xffffffffu) continue;
    fail(report_kind::poison, place_of(call), fmt::format("{}: stores 0xffffffff, the poison", call.operation));
  }
}

}  // namespace

void load_cluster(void* to, u32 address, site at) {
  count_load(at);
  std::memcpy(to, cluster_word(address, access_kind::read, {"load_cluster", at.file, at.line}), 4);
}

void store_cluster(u32 address, const void* from, site at) {
  std::memcpy(cluster_word(address, access_kind::write, {"store_cluster", at.file, at.line}), from, 4);
}

void load_global(void* to, u64 address, u32 bytes, site at) {
  count_load(at);
  std::memcpy(to, generic_global(address, bytes, access_kind::read, {"load_global", at.file, at.line}), bytes);
}

void load_global_readonly(void* to, u64 address, u32 bytes, site at) {
  count_load(at);
  std::memcpy(to, generic_global(address, bytes, access_kind::read, {"load_global_readonly", at.file, at.line}), bytes);
}

void store_global(u64 address, const void* from, u32 bytes, site at) {
  const call_site call{"store_global", at.file, at.line};
  if (gpu->how.poison_stores) refuse_poison(from, bytes, call);
  std::memcpy(generic_global(address, bytes, access_kind::write, call), from, bytes);
}

void add_global(u64 address, float value, site at) {
  unsigned char* word = generic_global(address, 4, access_kind::atomic, {"add_global", at.file, at.line});
  float sum;
  std::memcpy(&sum, word, 4);
  sum += value;
  std::memcpy(word, &sum, 4);
}

void prefetch_global(u64 address, site at) {
  find_global(address, 1, 1, access_kind::read, {"prefetch_global", at.file, at.line});
}

void max_global(u64 address, u32 value, site at) {
  unsigned char* word = generic_global(address, 4, access_kind::atomic, {"max_global", at.file, at.line});
  u32 most;
  std::memcpy(&most, word, 4);
  most = std::max(most, value);
  std::memcpy(word, &most, 4);
}

u32 add_global_acquire_release(u64 address, u32 value, site at) {
  const call_site call{"add_global_acquire_release", at.file, at.line};
  const bool skipped = gpu->sites.reach(sync_kind::global_release, at) == change::skip;
  if (!skipped) point();
  const global_range where = find_global(address, 4, 4, access_kind::atomic, call);
  if (auto* races = races_of(*current->in->in)) {
    // A mutant keeps the addition, which later code counts on, and loses its order.
    if (skipped) races->access(races->by_thread(current->agent), where, access_kind::atomic, call);
    else races->add_acquire_release(current->agent, where, call);
  }
  u32 old;
  std::memcpy(&old, host(address), 4);
  const u32 sum = old + value;
  std::memcpy(host(address), &sum, 4);
  return old;
}

u32 load_global_acquire(u64 address, site at) {
  const call_site call{"load_global_acquire", at.file, at.line};
  const bool skipped = gpu->sites.reach(sync_kind::global_acquire, at) == change::skip;
  current->at = at;
  point();
  const global_range where = find_global(address, 4, 4, access_kind::read, call);
  if (auto* races = races_of(*current->in->in)) {
    if (skipped) races->access(races->by_thread(current->agent), where, access_kind::atomic, call);
    else races->load_acquire(current->agent, where, call);
  }
  u32 value;
  std::memcpy(&value, host(address), 4);
  return value;
}

void store_global_release(u64 address, u32 value, site at) {
  const call_site call{"store_global_release", at.file, at.line};
  const bool skipped = gpu->sites.reach(sync_kind::global_release, at) == change::skip;
  point();
  const global_range where = find_global(address, 4, 4, access_kind::write, call);
  if (auto* races = races_of(*current->in->in)) {
    if (skipped) races->access(races->by_thread(current->agent), where, access_kind::atomic, call);
    else races->store_release(current->agent, where, call);
  }
  std::memcpy(host(address), &value, 4);
}

}  // namespace gemmact::emulator

// Memory as a kernel names it: finds the bytes, refuses what is out of bounds or misaligned, tells the race detector.
#pragma once
#include "kernels/emulator/machine.hpp"

namespace gemmact::emulator {

// Addresses in a block's own window start here, so that null is never legal; a mapped one has the rank plus one on top.
inline constexpr u32 shared_base = 1024;
inline constexpr u32 rank_shift = 24;

struct shared_place {
  block* in;
  u32 offset;
  unsigned char* memory() const { return in->shared + offset; }
};

[[noreturn]] void refuse_shared(u32 address, u32 bytes, u32 alignment, const call_site&);
[[noreturn]] void refuse_global(u64 address, u64 bytes, u32 alignment, access_kind, const call_site&);
// Refuses what no block of the cluster has, and blocks that may not have started or have ended. `done`: others must be told
// before their end that this has been done, as nothing else tells them.
shared_place find_mapped(u32 address, u32 bytes, u32 alignment, bool done, const call_site&);

// The thread knows that the kernel before has ended.
void check_previous_kernel(const call_site&);

inline site place_of(const call_site& call) { return {call.file, call.line}; }

// In the memory of the block `of`, which does not see others'.
inline shared_place find_own(block& of, u32 address, u32 bytes, u32 alignment, const call_site& call) {
  const u32 offset = address - shared_base;
  const u32 size = gpu->size.shared_bytes;
  if (offset > size || bytes > size - offset || (address & (alignment - 1))) {
    refuse_shared(address, bytes, alignment, call);
  }
  return {&of, offset};
}

inline cluster_races* races_of(const block& of) { return of.in->races.get(); }

inline void touch(const actor& who, const shared_place& where, u32 bytes, access_kind kind, const call_site& call) {
  races_of(*where.in)->access(who, shared_range{where.in->rank, where.offset, bytes}, kind, call);
}

// The current lane's generic access to the block's own shared memory.
inline unsigned char* generic_shared(u32 address, u32 bytes, access_kind kind, const call_site& call) {
  block& own = *current->in->in;
  const shared_place where = find_own(own, address, bytes, bytes, call);
  if (cluster_races* races = races_of(own)) touch(races->by_thread(current->agent), where, bytes, kind, call);
  return where.memory();
}

inline global_range find_global(u64 address, u64 bytes, u32 alignment, access_kind kind, const call_site& call) {
  global_range where;
  if (gpu->how.overlaps) check_previous_kernel(call);
  if (!gpu->arrays->locate(address, bytes, alignment, kind, where))
    refuse_global(address, bytes, alignment, kind, call);
  return where;
}

inline unsigned char* host(u64 global_address) { return reinterpret_cast<unsigned char*>(global_address); }

}  // namespace gemmact::emulator

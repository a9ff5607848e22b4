// Bulk copies that are under way: TMA boxes and runs of bytes.
#pragma once
#include <vector>

#include "kernels/emulator/mbarrier.hpp"

namespace gemmact::emulator {

struct lane;

struct bulk_groups {
  u32 open_group = 0;   // the number of the group that the next commit closes
  u32 used_groups = 0;  // groups up to the last that has an operation
  u32 read_waited = 0;  // groups whose sources have been waited for
  site last;            // the latest operation
};

enum class bulk_kind : u8 { load, store, add };
enum class number_kind : u8 { none, u32_, i32_, u64_, f16, bf16, f32, tf32 };

// At most 16 bytes that lie together on both sides.
struct bulk_chunk {
  u64 global;      // of the first byte, even if that is out of bounds
  u32 shared;      // offset in the block's memory
  u8 first, last;  // bytes [first, last) are inside the tensor
};

struct bulk_operation {
  bulk_kind what = bulk_kind::load;
  u64 serial = 0;
  lane* by = nullptr;
  u32 group = 0;                            // stores and adds
  block* in = nullptr;                      // whose shared memory
  mbarrier* barrier = nullptr;              // loads; in the same block
  u32 bytes = 0;                            // that the barrier counts
  number_kind numbers = number_kind::none;  // to be added; tf32 of a load: to be rounded
  std::vector<bulk_chunk> chunks;
  std::vector<shared_range> shared_ranges;
  std::vector<global_range> global_ranges;
  std::vector<unsigned char> read;  // of stores and adds, once the source has been read
  bool source_read = false;
  call_site call{"", "", 0};
};

// One of the operations under way, or of its two halves, happens.
void land_bulk(u32 index);
// Of one lane: all of the groups below `group`; `written`: to the end, else until the sources have been read.
void land_bulk_groups(lane& of, u32 group, bool written);

// Lets one asynchronous thing, drawn at random, happen; false if nothing is under way.
bool land_something();

}  // namespace gemmact::emulator

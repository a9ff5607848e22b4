// Copies from global to shared memory by threads: when they land, and groups.
#pragma once
#include <vector>

#include "kernels/emulator/site.hpp"

namespace gemmact::emulator {

struct lane;

struct async_copy {
  const unsigned char* from = nullptr;  // null: an arrival at the barrier `to`, once all earlier copies have landed
  u32 to = 0;                           // shared address
  u32 group = 0, serial = 0;
  u32 bytes = 0, valid = 0;  // of an arrival, `valid` is the race detector's mark
  site at;
};

struct copy_queue {
  std::vector<async_copy> pending;  // in no order
  u32 open_group = 0;               // the number of the group that the next commit closes
  u32 used_groups = 0;              // groups up to the last that has copies
  u32 waited_groups = 0;            // groups that have been waited for
  u32 next_serial = 0;
  site last;          // the latest copy
  i32 position = -1;  // among the lanes that have copies under way
};

// Lets one copy of `of`, drawn at random, land.
void land_copy(lane& of);
// Lets all of the groups below `group` land.
void land_copies(lane& of, u32 group);

}  // namespace gemmact::emulator

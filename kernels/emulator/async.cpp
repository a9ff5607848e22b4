// What is under way, and what must not be when a lane or a block ends.
#include <fmt/format.h>

#include "kernels/emulator/access.hpp"

namespace gemmact::emulator {

bool land_something() {
  machine& m = *gpu;
  if (m.copying.empty()) return false;
  land_copy(*m.copying[draw_below(u32(m.copying.size()))]);
  return true;
}

void check_lane_end(lane& of) {
  const copy_queue& copies = of.copies;
  if (copies.used_groups > copies.waited_groups) {
    const site at = copies.last;
    fail_of(report_kind::leftover, at, &of,
            fmt::format("cp_async: returns with copies of {} groups that it never waited for{}",
                        copies.used_groups - copies.waited_groups,
                        copies.used_groups > copies.open_group ? ", the last of them not even committed" : ""));
  }
}

void check_block_end(block& of) {
  for (const mbarrier& barrier : of.barriers.all) {
    if (barrier.tx == 0 && barrier.under_way == 0) continue;
    fail_of(
        report_kind::leftover, barrier.initialised, nullptr,
        fmt::format(
            "block {} ends while the mbarrier {:#x} that is initialised here misses {} bytes and {} copies to it are "
            "under way, in phase {}",
            of.index, barrier.address, barrier.tx, barrier.under_way, barrier.phase));
  }
}

void land_rest_of(block&) {}

}  // namespace gemmact::emulator

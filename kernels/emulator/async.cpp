// What is under way, and what must not be when a lane or a block ends.
#include <fmt/format.h>

#include "kernels/emulator/access.hpp"

namespace gemmact::emulator {

bool land_something() {
  machine& m = *gpu;
  const u32 copying = u32(m.copying.size()), flying = u32(m.flying.size()), multiplying = u32(m.multiplying.size());
  const u32 all = copying + flying + multiplying;
  if (all == 0) return false;
  const u32 chosen = draw_below(all);
  if (chosen < copying) {
    land_copy(*m.copying[chosen]);
    return true;
  }
  if (chosen < copying + flying) {
    land_bulk(chosen - copying);
    return true;
  }
  // Products of a warpgroup may have to wait for some of its warps.
  for (u32 i = 0; i < multiplying; ++i) {
    if (land_wgmma(*m.multiplying[(chosen + i) % multiplying])) return true;
  }
  if (copying) return land_copy(*m.copying[chosen % copying]), true;
  if (flying) return land_bulk(chosen % flying), true;
  return false;
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
  check_bulk_end(of);
}

void check_block_end(block& of) {
  call_site use{"", "", 0};
  cluster_races* races = races_of(of);
  const std::string unknown = races ? races->unknown_at_end(of.rank, use) : "";
  if (!unknown.empty()) fail_of(report_kind::bad_use, place_of(use), nullptr, unknown);
  for (const wgmma_group& group : of.warpgroups) check_wgmma_end(group);
  for (u32 id = 0; id < of.named.size(); ++id) {
    const named_barrier& barrier = of.named[id];
    if (barrier.came == 0) continue;
    fail_of(report_kind::leftover, barrier.last, nullptr,
            fmt::format("arrive_named<{}>: block {} ends when {} of {} threads have come", id, of.index, barrier.came,
                        barrier.expected));
  }
  for (const lane& by : of.lanes) {
    if (by.copies.pending.empty()) continue;
    fail_of(report_kind::leftover, by.copies.pending.front().at, &by,
            "cp_async_arrive: the block ends with copies under way, and nobody waited for their mbarrier");
  }
  for (const mbarrier& barrier : of.barriers.all) {
    if (barrier.copied > barrier.awaited) {
      fail_of(report_kind::leftover, barrier.initialised, nullptr,
              fmt::format("cp_async_arrive: block {} ends, and nobody waited for phase {} of the mbarrier initialised "
                          "here, on which copies arrived",
                          of.index, barrier.copied - 1));
    }
    if (barrier.tx == 0 && barrier.under_way == 0) continue;
    fail_of(
        report_kind::leftover, barrier.initialised, nullptr,
        fmt::format(
            "block {} ends while the mbarrier {:#x} that is initialised here misses {} bytes and {} copies to it are "
            "under way, in phase {}",
            of.index, barrier.address, barrier.tx, barrier.under_way, barrier.phase));
  }
}

}  // namespace gemmact::emulator

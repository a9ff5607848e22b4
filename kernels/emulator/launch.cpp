#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "kernels/emulator/machine.hpp"

namespace gemmact::emulator {
namespace {

struct one_at_a_time {
  explicit one_at_a_time(machine& m) {
    if (gpu) throw std::logic_error("emulator::launch: another launch of this process is under way");
    gpu = &m;
  }
  ~one_at_a_time() { gpu = nullptr, current = nullptr; }
};

void check(const shape& size) {
  if (size.threads == 0 || size.threads % warp_lanes || size.threads > 1024) {
    throw std::invalid_argument(
        fmt::format("emulator::launch: {} threads; a block has a multiple of 32 up to 1024", size.threads));
  }
  if (size.cluster == 0 || size.cluster > 16 || size.grid % size.cluster) {
    throw std::invalid_argument(
        fmt::format("emulator::launch: a grid of {} blocks in clusters of {}", size.grid, size.cluster));
  }
  if (size.shared_bytes > 227 * 1024) {
    throw std::invalid_argument(
        fmt::format("emulator::launch: {} bytes of shared memory; 232448 is the most", size.shared_bytes));
  }
}

void draw_schedule(machine& m) {
  m.random = m.how.seed * 0x9e3779b97f4a7c15u + u64(m.how.order);
  constexpr u32 odds[] = {2, 8, 32, 0};
  const u32 drawn = odds[draw_below(4)];
  m.land_odds = m.how.order == schedule::latest ? 0 : drawn;
  m.elected = draw_below(warp_lanes);
  m.lowest_priority = u64(1) << 62;
  m.async_priority = (u64(1) << 63) + (draw() >> 2);
  m.changes_left = m.how.priority_changes;
  m.next_change = draw_gap();
}

}  // namespace

result launch(const options& how, const shape& size, const memory_registry& arrays, const std::function<void()>& body) {
  check(size);
  machine m;
  const one_at_a_time guard(m);
  m.how = how;
  m.size = size;
  m.arrays = &arrays;
  m.body = &body;
  m.sites = site_table(how.disturbed, how.count_times);
  draw_schedule(m);
  if (how.races) {
    const grid_shape grid{size.grid, size.cluster, size.threads, std::max(size.shared_bytes, 1u)};
    m.races = std::make_unique<race_detector>(grid, arrays, [&m](const std::string& text) {
      const call_site& later = m.races->place();
      fail_of(report_kind::race, {later.file, later.line}, nullptr, text);
    });
  }
  try {
    run_grid();
  } catch (const launch_ended&) {
  }
  if (m.escaped) std::rethrow_exception(m.escaped);
  result done;
  done.found = std::move(m.found);
  done.trace = m.trace;
  done.points = m.points;
  done.switches = m.switches;
  done.sites = m.sites.list();
  if (how.count_times) done.times = m.sites.times();
  done.replay = fmt::format("{}, schedule {}, seed {}", how.kernel, name_of(how.order), how.seed);
  return done;
}

}  // namespace gemmact::emulator

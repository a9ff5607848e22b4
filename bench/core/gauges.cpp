#include "bench/core/gauges.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gemmact_bench {
namespace {

struct reason {
  uint64_t bit;
  const char* name;
  bool spoils;
};
constexpr reason reasons[] = {{0x1, "idle", false},
                              {0x2, "application clocks", false},
                              {0x4, "software power cap", false},
                              {0x8, "hardware slowdown", true},
                              {0x10, "sync boost", false},
                              {0x20, "software thermal slowdown", true},
                              {0x40, "hardware thermal slowdown", true},
                              {0x80, "hardware power brake", true},
                              {0x100, "display clocks", false}};

}  // namespace

std::vector<std::string> throttle_names(uint64_t bits) {
  std::vector<std::string> names;
  for (const reason& r : reasons) {
    if ((bits & r.bit) != 0) names.emplace_back(r.name);
    bits &= ~r.bit;
  }
  if (bits != 0) names.push_back(fmt::format("{:#x}", bits));
  return names;
}

bool unusable(const gauges& g) {
  return std::any_of(std::begin(reasons), std::end(reasons),
                     [&](const reason& r) { return r.spoils && (g.throttle_reasons & r.bit) != 0; });
}

bool throttled(const std::vector<gauges>& readings) {
  return 10 * std::count_if(readings.begin(), readings.end(), unusable) > std::ptrdiff_t(readings.size());
}

}  // namespace gemmact_bench

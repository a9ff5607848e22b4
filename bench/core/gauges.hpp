// What a device says of its own state while it works.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace gemmact_bench {

struct gauges {
  double clock_mhz = 0, power_watts = 0, temperature_c = 0;
  uint64_t throttle_reasons = 0;  // bits as NVML has them
};

// "software power cap", ...; an unknown bit by its number.
std::vector<std::string> throttle_names(uint64_t reasons);

// Slowed down by heat or by hardware: what was timed meanwhile says nothing of the arms.
bool unusable(const gauges& g);

// More than a tenth of the rounds were unusable.
bool throttled(const std::vector<gauges>& readings);

}  // namespace gemmact_bench

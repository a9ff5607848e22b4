// What the machine is, as far as a report must say.
#pragma once
#include <cstdint>
#include <string>

namespace gemmact_bench {

struct machine {
  std::string processor;
  int64_t last_level_cache_bytes = 0;
  int64_t available_memory_bytes = 0;  // when asked
  double load = 0;                     // processes that ran or waited to, over the last minute; this one included
  int processors = 1;
  std::string system;
  std::string date;  // UTC, ISO 8601
};
machine this_machine();

}  // namespace gemmact_bench

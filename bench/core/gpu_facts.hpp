// What a report must say of a GPU and of what it was measured with.
#pragma once
#include <cstdint>
#include <string>

#include "bench/core/roofline.hpp"

namespace gemmact_bench {

struct gpu_facts {
  std::string name, compute_capability, driver, runtime, toolkit, cublas;
  int multiprocessors = 0;
  int64_t memory_bytes = 0, l2_bytes = 0;
  double clock_limit_mhz = 0, power_limit_watts = 0;  // 0: not known
  std::string nvml_missing;                           // why nothing of clocks, power and heat is known; "" if it is
  std::string l2_policy;
  int heuristics_asked = 0;
  int64_t workspace_bytes = 0;
  double preheat_seconds = 0;
  measured_roofs roofs;
};

}  // namespace gemmact_bench

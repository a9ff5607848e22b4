// What a GPU could do at most: by its data sheet at the clock that it had, and by loops and passes timed in the same run.
#pragma once
#include <algorithm>
#include <map>
#include <string>

#include "bench/core/cases.hpp"

namespace gemmact_bench {

// Measured once a run; 0 or absent: not measured.
struct measured_roofs {
  double read_bytes_per_second = 0, copy_bytes_per_second = 0;  // of memory; a copy's bytes count twice
  // FLOP a second of a loop that has its operands in registers: mma.sync, for strict f32 FFMA. By precision.
  std::map<std::string, double> loop_flops;
  std::map<std::string, std::string> loop_missing;  // by precision: why there is none

  double loop_of(precision p) const;
  double bandwidth() const { return std::max(read_bytes_per_second, copy_bytes_per_second); }
};

// Dense FLOP a clock and multiprocessor, of tensor cores with f32 sums or, for strict f32, of FFMA; 0: not known.
double peak_flop_per_clock(const std::string& compute_capability, precision p);

// What the work of a case takes at least; a rate of 0: not known, and neither is then a time that needs it.
struct gpu_limits_of_time {
  double flop_per_second = 0, bytes_per_second = 0;
  int64_t l2_bytes = 0;
};
struct least_time {
  double seconds = 0;   // 0: not known
  bool memory = false;  // memory limits, not arithmetic
};
// Bytes that the L2 may keep from call to call are not counted: all but another W at each call (`cold`), and what is
// larger than the L2.
least_time least_time_of(const bench_case& c, bool cold, const gpu_limits_of_time& limits);

}  // namespace gemmact_bench

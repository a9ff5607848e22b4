// What the program needs of the kind of device that it measures: gemmact_bench has a CPU's, gemmact_bench_gpu a GPU's.
#pragma once
#include <memory>
#include <string>

#include "bench/core/machine.hpp"
#include "bench/core/workload.hpp"
#include "bench/report/report.hpp"

namespace gemmact_bench {

class rig {
 public:
  virtual ~rig() = default;
  virtual const case_limits& limits() const = 0;
  virtual int64_t case_memory_bytes() const = 0;
  virtual measure_settings settings(extent size) = 0;  // they may refer to the rig
  // Once before the first case: what the report says of the device and must be measured.
  virtual void prepare() {}
  virtual report_setting setting() const = 0;  // of the device and the baselines, after prepare
  // Throws case_left_out for what cannot be measured here.
  virtual workload make(const bench_case& c, const measure_settings& settings) = 0;
  // Runs the fused arm alone, a few times, between a profiler's start and stop, and prints what bench/profile reads.
  virtual void profile(const bench_case& c, const measure_settings& settings) = 0;
};

// Throws where the device is of another kind or not here.
std::unique_ptr<rig> make_rig(const std::string& device, const machine& m);

}  // namespace gemmact_bench

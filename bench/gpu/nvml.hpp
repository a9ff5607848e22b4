// Clocks, power and heat of one GPU, from the driver's libnvidia-ml.so.1 where it is.
#pragma once
#include <memory>
#include <string>

#include "bench/core/gauges.hpp"

namespace gemmact_bench {

class nvml {
 public:
  // `bus_id` as cudaDeviceGetPCIBusId gives it: the driver's numbering of devices is another one.
  explicit nvml(const std::string& bus_id);
  const std::string& missing() const { return missing_; }  // why nothing can be read, or ""

  // What cannot be read is 0. Only where nothing is missing.
  gauges read() const;
  double clock_limit_mhz() const;
  double power_limit_watts() const;
  std::string driver() const;

 private:
  struct functions;
  std::shared_ptr<const functions> functions_;
  void* device_ = nullptr;
  std::string missing_;
};

}  // namespace gemmact_bench

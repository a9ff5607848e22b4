// What the driver tells of a device.
#pragma once
#include <string>

#include "host/cuda/driver.hpp"

namespace gemmact::cuda {

struct device_facts {
  std::string model;
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  int shared_block_bytes = 0, shared_multiprocessor_bytes = 0;
  int threads_multiprocessor = 0, registers_multiprocessor = 0;
  int l2_bytes = 0;
  int clock_khz = 0, memory_clock_khz = 0, memory_bus_bits = 0;
  bool memory_pools = false;  // cuMemAllocAsync can be used
};

// Throws.
device_facts read_facts(const driver& driver, device_number device);

}  // namespace gemmact::cuda

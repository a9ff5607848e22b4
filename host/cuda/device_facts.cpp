#include "host/cuda/device_facts.hpp"

namespace gemmact::cuda {

device_facts read_facts(const driver& driver, device_number device) {
  const auto attribute = [&](int which) {
    int value = 0;
    driver.check(driver.call.cuDeviceGetAttribute(&value, which, device), "cuDeviceGetAttribute",
                 fmt::format("asking for attribute {} of the device", which));
    return value;
  };
  device_facts facts;
  char name[256] = {};
  driver.check(driver.call.cuDeviceGetName(name, sizeof name - 1, device), "cuDeviceGetName",
               "asking for the device's name");
  facts.model = name;
  facts.major = attribute(device_attribute::major);
  facts.minor = attribute(device_attribute::minor);
  facts.multiprocessors = attribute(device_attribute::multiprocessors);
  facts.shared_block_bytes = attribute(device_attribute::shared_block_bytes);
  facts.shared_multiprocessor_bytes = attribute(device_attribute::shared_multiprocessor_bytes);
  facts.threads_multiprocessor = attribute(device_attribute::threads_multiprocessor);
  facts.registers_multiprocessor = attribute(device_attribute::registers_multiprocessor);
  facts.l2_bytes = attribute(device_attribute::l2_bytes);
  facts.clock_khz = attribute(device_attribute::clock_khz);
  facts.memory_clock_khz = attribute(device_attribute::memory_clock_khz);
  facts.memory_bus_bits = attribute(device_attribute::memory_bus_bits);
  facts.memory_pools = attribute(device_attribute::memory_pools) != 0;
  return facts;
}

}  // namespace gemmact::cuda

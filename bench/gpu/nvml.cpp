#include "bench/gpu/nvml.hpp"

#include <dlfcn.h>

namespace gemmact_bench {
namespace {

// Of nvml.h, which the toolkit need not bring along.
constexpr int success = 0, clock_of_multiprocessors = 1, temperature_of_gpu = 0;

template <class F>
void find(void* library, const char* name, F*& function) {
  function = reinterpret_cast<F*>(dlsym(library, name));
}

}  // namespace

struct nvml::functions {
  void* library = nullptr;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*handle_by_bus)(const char*, void**) = nullptr;
  int (*clock)(void*, int, unsigned*) = nullptr;
  int (*most_clock)(void*, int, unsigned*) = nullptr;
  int (*power)(void*, unsigned*) = nullptr;
  int (*power_limit)(void*, unsigned*) = nullptr;
  int (*temperature)(void*, int, unsigned*) = nullptr;
  int (*reasons)(void*, unsigned long long*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
  bool started = false;

  functions() : library(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (library == nullptr) return;
    find(library, "nvmlInit_v2", init);
    find(library, "nvmlShutdown", shutdown);
    find(library, "nvmlDeviceGetHandleByPciBusId_v2", handle_by_bus);
    find(library, "nvmlDeviceGetClockInfo", clock);
    find(library, "nvmlDeviceGetMaxClockInfo", most_clock);
    find(library, "nvmlDeviceGetPowerUsage", power);
    find(library, "nvmlDeviceGetEnforcedPowerLimit", power_limit);
    find(library, "nvmlDeviceGetTemperature", temperature);
    find(library, "nvmlSystemGetDriverVersion", driver);
    find(library, "nvmlDeviceGetCurrentClocksEventReasons", reasons);
    if (reasons == nullptr) find(library, "nvmlDeviceGetCurrentClocksThrottleReasons", reasons);  // before driver 535
  }
  ~functions() {
    if (started) shutdown();
    if (library != nullptr) dlclose(library);
  }
  functions(const functions&) = delete;
  functions& operator=(const functions&) = delete;

  bool whole() const {
    return init && shutdown && handle_by_bus && clock && most_clock && power && power_limit && temperature && reasons &&
           driver;
  }
};

nvml::nvml(const std::string& bus_id) {
  auto all = std::make_shared<functions>();
  if (all->library == nullptr) missing_ = "libnvidia-ml.so.1, which comes with the driver, is not here";
  else if (!all->whole()) missing_ = "libnvidia-ml.so.1 lacks functions that are needed";
  else if (all->init() != success) missing_ = "nvmlInit_v2 failed";
  if (!missing_.empty()) return;
  all->started = true;
  if (all->handle_by_bus(bus_id.c_str(), &device_) != success) missing_ = "NVML does not know the device " + bus_id;
  functions_ = all;
}

gauges nvml::read() const {
  unsigned mhz = 0, milliwatts = 0, degrees = 0;
  unsigned long long reasons = 0;
  functions_->clock(device_, clock_of_multiprocessors, &mhz);
  functions_->power(device_, &milliwatts);
  functions_->temperature(device_, temperature_of_gpu, &degrees);
  functions_->reasons(device_, &reasons);
  return {double(mhz), double(milliwatts) * 1e-3, double(degrees), reasons};
}

double nvml::clock_limit_mhz() const {
  unsigned mhz = 0;
  functions_->most_clock(device_, clock_of_multiprocessors, &mhz);
  return double(mhz);
}

double nvml::power_limit_watts() const {
  unsigned milliwatts = 0;
  functions_->power_limit(device_, &milliwatts);
  return double(milliwatts) * 1e-3;
}

std::string nvml::driver() const {
  char text[96] = "";
  functions_->driver(text, sizeof text);
  return text;
}

}  // namespace gemmact_bench

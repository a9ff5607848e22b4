#include "bench/core/machine.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

namespace gemmact_bench {
namespace {

// What follows `key` on the first line that starts with it, blanks and the colon aside.
std::string value_in(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const size_t colon = line.find(':');
    const size_t start = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

int64_t last_level_cache() {
  int64_t largest = 0;
  for (int i = 0; i < 8; ++i) {
    std::ifstream in(fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/size", i));
    int64_t kib = 0;
    if (in >> kib) largest = std::max(largest, kib * 1024);
  }
  return largest > 0 ? largest : int64_t(32) << 20;  // where the system does not say
}

// The mean of some looks within a tenth of a second: the usual load averages remember the build before.
double others_running() {
  constexpr int looks = 20;
  int sum = 0;
  for (int i = 0; i < looks; ++i) {
    std::ifstream in("/proc/loadavg");
    double averages[3];
    int running = 1;
    if (in >> averages[0] >> averages[1] >> averages[2] >> running) sum += running - 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return double(sum) / looks;
}

}  // namespace

machine this_machine() {
  machine m;
  m.processor = value_in("/proc/cpuinfo", "model name");
  utsname name{};
  uname(&name);
  if (m.processor.empty()) m.processor = name.machine;
  m.system = fmt::format("{} {} {}", name.sysname, name.release, name.machine);
  m.last_level_cache_bytes = last_level_cache();
  const int64_t kib = std::atoll(value_in("/proc/meminfo", "MemAvailable").c_str());
  m.available_memory_bytes = kib > 0 ? kib * 1024 : int64_t(2) << 30;
  m.load = others_running();
  m.processors = std::max(1, int(std::thread::hardware_concurrency()));
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  m.date = text;
  return m;
}

}  // namespace gemmact_bench

// What this machine has for GPUs, for people.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace gemmact::plan {

struct report_row {
  std::string what, text;
};

// The driver and its devices, the compiler, the kernel cache, the packs, ranges for profilers. What is missing is said and
// never thrown.
std::vector<report_row> gpu_report();

// "cuda:0", …: those that the driver has.
std::vector<std::string> gpu_names();

}  // namespace gemmact::plan

// Kernels with one fault each.
#pragma once
#include <ostream>
#include <vector>

#include "kernels/emulator/emulator.hpp"

namespace gemmact::test {

struct planted_fault {
  const char* name;
  emulator::report_kind kind;
  const char* words;  // that the report has
  emulator::shape size;
  void (*body)();
  bool or_deadlock = false;  // which it may come to, as well
  bool overlaps = false;     // with the kernel before
  friend void PrintTo(const planted_fault& fault, std::ostream* out) { *out << fault.name; }
};

std::vector<planted_fault> all_faults();
std::vector<planted_fault> cluster_faults();       // a part of them
std::vector<planted_fault> asynchronous_faults();  // likewise
emulator::result run_fault(const planted_fault&, const emulator::options&);

}  // namespace gemmact::test

// Small kernels, each with one race, and its twin without.
#pragma once
#include <ostream>
#include <vector>

#include "kernels/emulator/emulator.hpp"

namespace gemmact::test {

struct planted_race {
  const char* name;
  const char* words;  // that the report has
  emulator::shape size;
  void (*broken)();
  void (*kept)();
  friend void PrintTo(const planted_race& race, std::ostream* out) { *out << race.name; }
};

std::vector<planted_race> all_races();
emulator::result run_race(const planted_race&, void (*body)(), const emulator::options&);

}  // namespace gemmact::test

// Leaves out or disturbs each synchronising call of a kernel in turn, and sees whether that is noticed. What survives is
// presumed a hole in the emulator: a call is superfluous only by a sentence of the PTX ISA.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "kernels/emulator/emulator.hpp"

namespace gemmact::emulator {

struct case_run {
  result launched;
  bool right = false;  // outputs and canaries
};

// Runs a kernel under the given options, which it passes to launch().
using kernel_case = std::function<case_run(const options&)>;

// When a mutant leaves a call out: every time, or in each thread once, where others come after it or before.
enum class turn : u8 { every, first, last, drawn };

struct mutant_outcome {
  mutant changed;
  turn when = turn::every;
  std::string how;               // it was caught: a kind of report or "wrong result"; empty if it survived
  std::string at;                // the place that the report names, if any
  std::string run;               // the line that shows it again
  u32 runs = 0;                  // until then
  const char* excuse = nullptr;  // why it may survive
};

// What nothing needs in one turn, though it does in others: of the calls whose source line has these words.
struct excuse {
  const char* words;
  turn when;
  const char* reason;
};

struct mutation_table {
  std::string kernel;
  std::string unsound;  // what the kernel itself is reported for or computes wrongly; then there are no mutants
  std::vector<mutant_outcome> mutants;
  u32 survivors() const;  // without those that are excused
  bool all_caught() const { return unsound.empty() && !mutants.empty() && survivors() == 0; }
  std::string text() const;  // a line a mutant, then the totals by the way in which they were caught
};

// Runs the kernel as it is under each schedule with `seeds` seeds, then each mutant likewise until it is caught.
mutation_table mutate(const char* kernel, const kernel_case& run, u32 seeds = 8,
                      const std::vector<excuse>& excuses = {});

}  // namespace gemmact::emulator

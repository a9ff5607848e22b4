// A GPU that is an emulator: the library under test finds a libcuda.so.1 and an NVRTC of ours (gemmact_with_emulated_gpu in
// CMakeLists.txt beside this), and gemmact_run on "cuda:0" runs the real kernels' source on kernels/emulator, behind the
// interface. Everything that is emulated lives in that one library; a test sees it through this header alone.
//
// A kernel that is reported for something fails gemmact_run with the report's text. A kernel, a step or a function that the
// tables of this folder lack fails gemmact_plan_create with their words.
#pragma once
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>

#include "kernels/emulator/mutation.hpp"

namespace gemmact::emulated_gpu {

struct mutation_outcome {
  bool all_caught = false;
  std::string text;  // of the table
};

struct control {
  // How launches run from now on. Without `fixed`, seed and schedule are drawn from the kernel and its grid, so that a
  // test's cases meet all of them and each is the same whenever it runs; the name in reports is always the kernel's own,
  // and so is what follows from the machine.
  emulator::options how;
  bool fixed = false;

  u64 launches = 0;
  u32 last_grid = 0;      // blocks
  emulator::result last;  // of the last launch
  // Called with each launch's argument before it, to plant faults in it; in the library's thread.
  std::function<void(void* params)> before;
  // Called with each unit's text before it is compiled, to plant faults in it.
  std::function<void(std::string& text)> reads;

  // The texts of the tables, without spaces: types of kernels, with any_chain for a chain (but for a few, which have
  // a chain of their own), and of steps, with any_function for a function; those of them that have been launched.
  std::vector<std::string> (*kernels)() = nullptr;
  std::vector<std::string> (*steps)() = nullptr;
  std::set<std::string> ran;
  bool has_all = true;  // false where it was built with some of the kernels alone

  // emulator::mutate
  mutation_outcome (*mutate)(const char* kernel, const emulator::kernel_case& run, u32 seeds,
                             const std::vector<emulator::excuse>& excuses) = nullptr;
};

// Null where the driver of the process is not the emulated one.
inline control* find() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  void* get = library == nullptr ? nullptr : dlsym(library, "gemmact_emulated_gpu");
  return get == nullptr ? nullptr : reinterpret_cast<control* (*)()>(get)();
}

// Ends the process where it is not.
inline control& loaded() {
  if (control* found = find()) return *found;
  std::fprintf(stderr, "libcuda.so.1 is not the emulated one: run this with ctest, which sets LD_LIBRARY_PATH\n");
  std::exit(1);
}

}  // namespace gemmact::emulated_gpu

// Every chain of steps as one, put together at run time from the text of the chain's type; each step is the real one.
#pragma once
#include <string>
#include <vector>

#include "kernels/epilogue/epilogue.cuh"

namespace gemmact::emulated_gpu {

// A step of kernels/epilogue, with its state at `self`.
struct step_row {
  std::string text;  // of its type, without spaces; any_function in place of an activation
  size_t bytes;
  void (*make)(void* self);
  // Null where the step has none.
  void (*apply)(void* self, const epilogue::params&, tile::strip&);
  void (*apply_staged)(void* self, const epilogue::params&, tile::staged_strip&);
  void (*begin)(void* self, const epilogue::params&, const tile::strip_place&);
  void (*begin_pairs)(void* self, const epilogue::params&, const tile::strip_place_of<tile::pairs>&);
  void (*end)(void* self, const epilogue::params&, u32 batch);
  void (*finish)(const epilogue::params&);
};

// Null for one that steps.cpp has not.
const step_row* find_step(const std::string& text);

std::vector<std::string> step_types();

inline constexpr size_t most_steps = 16, most_step_bytes = 128;

// What any_chain consists of from now on; at most most_steps.
void choose(const std::vector<const step_row*>&);

// Compiled once, not for each kernel.
class any_chain {
 public:
  any_chain();
  void begin(const epilogue::params& p, const tile::strip_place& s);
  void begin(const epilogue::params& p, const tile::strip_place_of<tile::pairs>& s);
  void apply(const epilogue::params& p, tile::strip& s);
  void apply(const epilogue::params& p, tile::staged_strip& s);
  void end(const epilogue::params& p, u32 batch);
  static void finish(const epilogue::params& p);

 private:
  alignas(16) unsigned char states_[most_steps][most_step_bytes];
};

}  // namespace gemmact::emulated_gpu

// Every chain of steps as one, put together at run time from the text of the chain's type; each step is the real one.
#pragma once
#include <string>
#include <vector>

#include "kernels/epilogue/epilogue.cuh"

namespace gemmact::emulated_gpu {

using place_of_pairs = tile::strip_place_of<tile::pairs>;

// A step of kernels/epilogue, with its state at `self`.
struct step_row {
  std::string text;  // of its type, without spaces; any_function in place of an activation
  size_t bytes;
  void (*make)(void* self);
  // Null where the step has none.
  void (*apply)(void* self, const epilogue::params&, tile::strip&);
  void (*apply_staged)(void* self, const epilogue::params&, tile::staged_strip&);
  void (*begin)(void* self, const epilogue::params&, const tile::strip_place&);
  void (*begin_pairs)(void* self, const epilogue::params&, const place_of_pairs&);
  void (*apply_fetched)(void* self, const epilogue::params&, tile::fetched_strip&);
  void (*begin_fetched)(void* self, const epilogue::params&, const tile::fetched_place&);
  void (*end)(void* self, const epilogue::params&, u32 batch);
  void (*columns_done)(void* self, const epilogue::params&, const tile::strip_place&, shared_address, u32, bool);
  void (*columns_done_pairs)(void* self, const epilogue::params&, const place_of_pairs&, shared_address, u32, bool);
  void (*columns_done_fetched)(void* self, const epilogue::params&, const tile::fetched_place&, shared_address, u32,
                               bool);
  void (*finish)(const epilogue::params&);
  bool (*reads_bits)();
  bool keeps_bits;
};

// Null for one that steps.cpp has not.
const step_row* find_step(const std::string& text);

std::vector<std::string> step_types();

// Of backward (gradient_steps.cpp).
std::vector<step_row> gradient_step_rows();

using step_list = std::vector<const step_row*>;

// What any_steps<0> (a kernel's chain) and any_steps<1> (the steps of its each_product) consist of from now on.
void choose(const step_list& chain, const step_list& of_each_product);

inline constexpr size_t most_state_bytes[] = {3072, 1024};  // of all steps of a list

// Compiled once, not for each kernel.
template <int list>
class any_steps {
 public:
  any_steps();
  void begin(const epilogue::params& p, const tile::strip_place& s);
  void begin(const epilogue::params& p, const place_of_pairs& s);
  void begin(const epilogue::params& p, const tile::fetched_place& s);
  void apply(const epilogue::params& p, tile::strip& s);
  void apply(const epilogue::params& p, tile::staged_strip& s);
  void apply(const epilogue::params& p, tile::fetched_strip& s);
  void end(const epilogue::params& p, u32 batch);
  void columns_done(const epilogue::params& p, const tile::strip_place& s, shared_address to, u32 pitch, bool first);
  void columns_done(const epilogue::params& p, const place_of_pairs& s, shared_address to, u32 pitch, bool first);
  void columns_done(const epilogue::params& p, const tile::fetched_place& s, shared_address to, u32 pitch, bool first);
  static void finish(const epilogue::params& p);
  static bool reads_bits();
  static bool keeps_bits();

 private:
  // `visit(row, state)` for each step in turn.
  template <class Visit>
  void each(const Visit& visit);
  alignas(16) unsigned char states_[most_state_bytes[list]];
};
using any_chain = any_steps<0>;

}  // namespace gemmact::emulated_gpu

// The parts of backward's steps, and where an activation's parameters come from, put together at run time: a step of
// kernels/epilogue/gradient.cuh is compiled once for all forms of what was kept, all sources of parameters, and all ways in
// which a pair's second matrix goes out. Each part is the real one.
#pragma once
#include <string>
#include <vector>

#include "kernels/epilogue/epilogue.cuh"
#include "tests/support/emulated_gpu/any_function.hpp"

namespace gemmact::emulated_gpu {

struct kept_row;
struct source_row;
struct step_row;

// What a step names in its text, in place of which its row has any_kept, any_source and any_second.
struct gradient_parts {
  const kept_row* kept = nullptr;
  std::vector<const source_row*> sources;
  const step_row* second = nullptr;
};

// Takes them out of a step's text, already without spaces and with any_function. Of other steps nothing is taken. Throws
// std::invalid_argument where a part has no row.
std::string take_gradient_parts(const std::string& step, gradient_parts&);

// What any_kept, any_source and any_second are from now on.
void choose(const gradient_parts&);

// The texts of the parts' rows; and of those of a step.
std::vector<std::string> gradient_part_types();
std::vector<std::string> types_of(const gradient_parts&);

class any_kept {
 public:
  any_kept();
  void row(const epilogue::params& p, const tile::strip& s, u32 product = 0);
  void row(const epilogue::params& p, const tile::staged_strip& s, u32 product = 0);
  void row(const epilogue::params& p, const tile::fetched_strip& s, u32 product = 0);
  static bool reads_bits();
  float operator[](int j) const;
  template <int count>
  float grad(const any_function<count>& f, int j) const {
    any_function<4> four;
    std::copy(f.p, f.p + 4, four.p);
    return grad(four, j);
  }
  float grad(const any_function<4>& f, int j) const;

 private:
  alignas(16) unsigned char state_[64];
};

// Of the parameter whose number it is told, which begin learns first.
class any_source {
 public:
  void begin(const epilogue::params& p, int i, const tile::strip_place& s);
  void begin(const epilogue::params& p, int i, const tile::strip_place_of<tile::pairs>& s);
  void begin(const epilogue::params& p, int i, const tile::fetched_place& s);
  void row(const epilogue::params& p, int i, const tile::strip& s);
  void row(const epilogue::params& p, int i, const tile::staged_strip& s);
  void row(const epilogue::params& p, int i, const tile::fetched_strip& s);
  float get(const epilogue::params& p, int i, int j) const;

 private:
  void make(int i);
  alignas(16) unsigned char state_[64];  // of the kind that the text names in its place
};

struct any_second {
  void apply(const epilogue::params& p, tile::strip& s);
  void apply(const epilogue::params& p, tile::staged_strip& s);
  void apply(const epilogue::params& p, tile::fetched_strip& s);
};

}  // namespace gemmact::emulated_gpu

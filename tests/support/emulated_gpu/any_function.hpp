// Every function of the catalogue as one activation, chosen at run time: a kernel is compiled once for all of them.
#pragma once
#include <string>

#include "kernels/activation/activation.hpp"

namespace gemmact::emulated_gpu {

struct any_function {
  float a, b, c, d;  // the parameters of the function that is chosen
  static constexpr activation::traits info{.param_count = 4};
  float operator()(float x) const;
  bool bit(float x) const;
  float other(float x) const;
};

struct function_row;

// Null for one that the catalogue has not.
const function_row* find_function(const std::string& name, accuracy mode);

// What any_function computes from now on.
void choose(const function_row*);

}  // namespace gemmact::emulated_gpu

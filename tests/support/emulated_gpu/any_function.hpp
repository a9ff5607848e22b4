// Every function of the catalogue, and the equations of tests/host/equation/sample_equations.inc, as one activation, chosen
// at run time: a kernel is compiled once for all of them.
#pragma once
#include <string>

#include "kernels/activation/activation.hpp"

namespace gemmact::emulated_gpu {

// With as many parameters as the function at least; those of tensors come as they are listed, the problem's are four.
template <int count>
struct any_function {
  float p[4];
  static constexpr activation::traits info{.param_count = count};
  float operator()(float x) const;
  bool bit(float x) const;
  float other(float x) const;
  float grad(float x) const;
  float grad_from_output(float y) const;
  float grad_from_bit(bool b) const;
  float param_grad(int i, float x) const;
};

struct function_row;

// By the name of its struct; null for one that is not there.
const function_row* find_function(const std::string& name, accuracy mode);

// The text that an equation's struct was compiled from; null of the catalogue's.
const char* source_of(const function_row&);

// What any_function computes from now on.
void choose(const function_row*);

}  // namespace gemmact::emulated_gpu

// Every function of the catalogue as one activation, chosen at run time: a kernel is compiled once for all of them.
#pragma once
#include "kernels/activation/activation.hpp"

namespace gemmact::test {

struct any_function {
  float a, b, c, d;  // the parameters of the function that is chosen
  static constexpr activation::traits info{.param_count = 4};
  float operator()(float x) const;
  bool bit(float x) const;
};

struct chosen_function {
  int index = 0;  // in the catalogue
  accuracy mode{};
};
void choose(chosen_function f);

}  // namespace gemmact::test

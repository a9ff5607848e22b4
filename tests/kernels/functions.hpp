// The catalogue as its tests see it: the traits of each function, with its reference.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "kernels/activation/activation.hpp"
#include "tests/reference/reference.hpp"

namespace gemmact::test {

struct function {
  int index;  // in the catalogue
  std::string_view name;
  const activation::traits* info;
  const reference::row* ref;  // null: the function has none
  bool has_other, has_grad_from_output, has_bit, has_param_grad;
  double (*lipschitz)(const float* p);
  double (*curvature)(const float* p);
  double (*more_ulps)(double x, const float* p);
  bool (*output_determines_grad)(const float* p);
  const char* (*invalid)(const float* p);
  activation::points (*breakpoints)(const float* p);
};

const std::vector<function>& functions();

// How many special-function instructions of a GPU a quantity ("value", "grad", "other", "param_grad") takes.
int special_instructions(const function& f, std::string_view quantity, bool fast);

// A function with values for its parameters, in both precisions.
struct setting {
  const function* f;
  float p[activation::max_params] = {};
  double exact[activation::max_params] = {};
  std::string text() const;  // "swish(beta=1.5)"
};

// The defaults first (an operand's is 1), then other values worth a test.
std::vector<setting> settings(const function& f);

}  // namespace gemmact::test

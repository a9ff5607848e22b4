// Functions as the oracle knows them: of the catalogue, with the references of tests/reference and the parameters' names, and
// the equations of equations.hpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "host/include/gemmact/gemmact.h"
#include "tests/reference/reference.hpp"

namespace gemmact::test {

struct function_param {
  std::string name;
  double default_value;
  bool trainable, operand;
  bool per_column = false;  // of an equation, which declares it
};

struct function {
  std::string name;
  std::vector<function_param> params;
  gemmact_keep needs;  // the least that backward needs
  const reference::row* reference;
  bool exact;  // on small integers, with parameters that are powers of two, f and f' are exact in f32
  bool is_equation = false;
  // Bounds on the error of f and f' evaluated in f32 at an exact z; `value` is the reference's.
  double value_error(double z, double value, const double* p, bool fast) const;
  double grad_error(double z, const double* p, bool fast) const;
};

// Every function of the catalogue, in its order.
const std::vector<function>& functions();
const function& find_function(std::string_view name);

// "leaky_relu(slope=0.5)" taken apart by the tests' own hand: the values of all parameters, defaults filled in. Or the
// text of one of equations().
struct function_use {
  const function* f;
  double params[GEMMACT_MAX_PARAMS];
};
function_use parse_use(std::string_view text);

}  // namespace gemmact::test

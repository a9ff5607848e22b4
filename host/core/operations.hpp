// What an equation is made of, as both its graph (host/equation) and what devices compute of it (made_function.hpp) say it.
#pragma once
#include <cstdint>

namespace gemmact::core {

enum class op : uint8_t {
  constant,
  variable,   // x
  parameter,  // a number, one number a column, or an operand tensor
  call,       // of a function of the catalogue: the argument, and every parameter
#define GEMMACT_OPERATOR(name, spelling, children, takes, gives) name,
#define GEMMACT_FUNCTION(name, children) name,
#include "host/core/operations.inc"
#undef GEMMACT_OPERATOR
#undef GEMMACT_FUNCTION
};

// Which quantity of a function of the catalogue a call is. grad_from_output: of an output in the argument's place.
enum class part : uint8_t { value, grad, param_grad, grad_from_output };

}  // namespace gemmact::core

// What operations are of doubles: for constants that are folded, and for the oracle.
#pragma once
#include "host/core/operations.hpp"

namespace gemmact::equation {

// Of negate and the functions of one argument.
double function_of(core::op operation, double a);

// Of comparisons, and of && || !, whose conditions are 1 and 0 (! looks at the first).
bool holds(core::op operation, double a, double b);

}  // namespace gemmact::equation

// Random texts in the language of equations, in x and the parameters a (a scalar) and b (one a column), with a head.
#pragma once
#include <string>

#include "tests/support/random.hpp"

namespace gemmact::test {

// Reads as an equation always; `size` is about its number of operations.
std::string random_equation(random_source& random, int size);

}  // namespace gemmact::test

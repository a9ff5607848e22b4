// Equations as tests of layers use them: their texts, with references by hand.
#pragma once
#include <vector>

#include "tests/layer/cases.hpp"
#include "tests/layer/functions.hpp"

namespace gemmact::test {

// Of two parameters to train, one number and one a column; and of three with an operand.
inline constexpr const char* two_parameters = "f(x; c=2, d[n]=0.5) = c * x^2 + d";
inline constexpr const char* four_parameters = "f(x; a=2, b[n]=0.5, c=0.25, t) = x > c ? a * (x - c) : b * t * (x - c)";

// Every equation; its name is the text.
const std::vector<function>& equations();
// Each with its parameters from the text and, where it has any, from tensors.
const std::vector<activation_case>& equation_cases();

}  // namespace gemmact::test

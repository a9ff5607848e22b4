// Evaluates the formulas that the catalogue prints, at 640 bits.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "tests/reference/real.hpp"

namespace gemmact::reference {

using variables = std::map<std::string, real, std::less<>>;

// "expression", or "expression, a = expression, b = expression", where a definition may use those before it. Operators
// ?: < <= > >= == + - * / ^ and unary -, the number pi, and functions of the equation language. Throws std::runtime_error
// on anything else, with the text and the place.
real evaluate(std::string_view text, variables names);

}  // namespace gemmact::reference
